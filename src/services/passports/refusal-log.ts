import type { Store } from "../../../storage/store.ts";
import type { AuditEvent } from "../../domain/audit.ts";
import type { Clock } from "../../shared/clock.ts";
import type { DomainError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/logger.ts";

/** Whose chain holds what nobody can be named for. */
const UNAUTHENTICATED = "unauthenticated";

const MINUTE_MS = 60_000;
const MOST_A_MINUTE = 240;

/** Whose credential it certainly was. */
export type Suspect = Partial<Pick<AuditEvent, "operatorId" | "agentId" | "passportJti">>;

/**
 * Credentials that were refused, in the audit log: in the chain of their operator where that is certain, else in one of
 * their own. Whoever sends bad ones fills it only so fast; the rest is counted, in the next row.
 */
export class RefusalLog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  #minute = { began: 0, rows: 0, left_out: 0 };

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** A log that cannot be written is no reason to let anybody in: then it is said in the server's own. */
  async record(error: DomainError, who: Suspect = {}): Promise<void> {
    const now = this.#clock();
    if (now - this.#minute.began >= MINUTE_MS) this.#minute = { ...this.#minute, began: now, rows: 0 };
    if (this.#minute.rows >= MOST_A_MINUTE) {
      this.#minute.left_out++;
      return;
    }
    const { left_out } = this.#minute;
    this.#minute = { ...this.#minute, rows: this.#minute.rows + 1, left_out: 0 };
    const reason = error.details?.reason;
    const details: JsonObject = {
      ...(typeof reason === "string" ? { reason } : {}),
      ...(left_out > 0 ? { left_out } : {}),
    };
    const event = { layer: "passports", action: "credential.refused", outcome: "blocked", details } as const;
    await this.#store
      .transact((t) => t.audit.append({ operatorId: UNAUTHENTICATED, ...who, ...event, errorCode: error.code }))
      .catch((failure: unknown) => this.#log.error({ err: failure }, "a refusal could not be recorded"));
  }
}
