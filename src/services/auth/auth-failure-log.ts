import type { Store } from "../../../storage/store.ts";
import type { AuditEvent } from "../../domain/audit/audit.ts";
import type { Clock } from "../../shared/clock.ts";
import type { DomainError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/logger.ts";

/** The chain of refusals without a known operator. */
const UNAUTHENTICATED = "unauthenticated";

const MINUTE_MS = 60_000;
const MAX_A_MINUTE = 60;
const MAX_CHAINS = 10_000;

/** The owner of a refused credential, as far as it is certain. */
export type Suspect = Partial<Pick<AuditEvent, "operatorId" | "agentId" | "passportJti">>;

export interface AuthFailureLogParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Records refused credentials in the audit log: in the chain of their operator where the operator
 * is certain, else in a chain of their own. Rows of a chain are limited in rate; the refusals left
 * out are counted in the next row.
 */
export class AuthFailureLog {
  readonly #parts: AuthFailureLogParts;
  /** Limits by chain: a full chain leaves room in the others. */
  readonly #minutes = new Map<string, { began: number; rows: number; leftOut: number }>();

  constructor(parts: AuthFailureLogParts) {
    this.#parts = parts;
  }

  /**
   * Records a refusal. A failure to write the audit log goes to the server's log, and the refusal
   * stays.
   */
  async record(error: DomainError, who: Suspect = {}): Promise<void> {
    const leftOut = this.#take(who.operatorId ?? UNAUTHENTICATED);
    if (leftOut === undefined) return;
    const reason = error.details?.reason;
    const details: JsonObject = {
      reason: typeof reason === "string" ? reason : undefined,
      left_out: leftOut > 0 ? leftOut : undefined,
    };
    const event = { action: "credential.refused", outcome: "blocked", details } as const;
    const { operatorId = UNAUTHENTICATED } = who;
    await this.#parts.store
      .transact([operatorId], (t) =>
        t.audit.append({ ...who, operatorId, ...event, errorCode: error.code }),
      )
      .catch((failure: unknown) =>
        this.#parts.log.error({ err: failure }, "a refusal could not be recorded"),
      );
  }

  /**
   * Returns the number of rows that were left out of a chain since its last row; undefined when
   * this one is left out too.
   */
  #take(chain: string): number | undefined {
    const now = this.#parts.clock.now();
    const known = this.#minutes.get(chain) ?? { began: now, rows: 0, leftOut: 0 };
    if (this.#minutes.size >= MAX_CHAINS) this.#minutes.clear();
    this.#minutes.set(chain, known);
    if (now - known.began >= MINUTE_MS) Object.assign(known, { began: now, rows: 0 });
    if (known.rows >= MAX_A_MINUTE) {
      known.leftOut++;
      return undefined;
    }
    known.rows++;
    const { leftOut } = known;
    known.leftOut = 0;
    return leftOut;
  }
}
