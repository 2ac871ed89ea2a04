import {
  createRequestStateCodec,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Operation } from "../../operations/define-operation.ts";
import type { Call, Engine } from "../../operations/engine.ts";
import type { Outcome } from "../../operations/outcome.ts";
import type { Profile } from "../../operations/profile.ts";
import type { Credential } from "../../services/auth/authentication-service.ts";
import { systemClock } from "../../shared/clock.ts";
import { assert, DomainError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import type { SubscriptionParts } from "./subscriptions/resource-subscriptions.ts";

/**
 * The program behind a face; over stdio it is put together at the first call, because a listing
 * does not need it.
 */
export interface Backend {
  readonly engine: () => Promise<Pick<Engine, "run">>;
  readonly operations: readonly Operation[];
  readonly onChange: SubscriptionParts["onChange"];
  /** At least 32 bytes, the same in every process of the database. */
  readonly stateKey: () => Promise<Uint8Array>;
  readonly log: Logger;
}

export interface SessionParts extends Backend {
  readonly profile: Profile;
  readonly credential: Credential;
  readonly requestId?: string | undefined;
  /** False: a person is asked nothing through the client, whatever it says that it can do. */
  readonly elicits?: boolean | undefined;
  /** Aborted when the server stops: whoever waits is answered then. */
  readonly parting?: AbortSignal | undefined;
}

type Following = Pick<Call, "signal" | "progress">;

/** However often the database changes. */
const PAUSE_MS = 50;
const STATE_TTL_S = 3_600;
const NEVER = new AbortController().signal;

/** One caller's way to the operations. */
export class Session {
  readonly profile: Profile;
  /** Seals what a client brings back with an answer: to this caller and this method. */
  readonly requestState: Pick<RequestStateCodec, "mint" | "verify">;
  readonly #parts: SessionParts;
  #codec: Promise<RequestStateCodec> | undefined;

  constructor(parts: SessionParts) {
    this.profile = parts.profile;
    this.#parts = parts;
    this.requestState = {
      mint: async (payload, context) => (await this.#stateCodec()).mint(payload, context),
      verify: async (state, context) => (await this.#stateCodec()).verify(state, context),
    };
  }

  /** A program that cannot be put together answers calls with the reason. */
  async run(operation: Operation, input: unknown, following: Following): Promise<Outcome> {
    const { engine, profile, credential, requestId, parting } = this.#parts;
    try {
      return await (await engine()).run({
        ...following,
        operation,
        input,
        credential,
        profile,
        requestId,
        parting,
      });
    } catch (error) {
      if (error instanceof DomainError) return { ok: false, error };
      throw error;
    }
  }

  get elicits(): boolean {
    return this.#parts.elicits ?? true;
  }

  get log(): Logger {
    return this.#parts.log;
  }

  /** Every operation of the program; whether this session may run one is decided when it does. */
  get operations(): readonly Operation[] {
    return this.#parts.operations;
  }

  /** For what the face itself wants to know; it is the same call under the same rights. */
  async read(name: string, input: unknown): Promise<Outcome> {
    const operation = this.#parts.operations.find((one) => one.name === name);
    assert(operation, "a face asks only for operations that there are");
    return this.run(operation, input, { signal: NEVER });
  }

  /**
   * Asks after changes of the database whether it is so, one question after the other, at most
   * `waitMs`.
   */
  async waitUntil(isSo: () => Promise<boolean>, waitMs: number): Promise<void> {
    const deadline = systemClock.elapsed() + waitMs;
    let changed = Promise.withResolvers<void>();
    const stop = await this.#parts.onChange(() => changed.resolve());
    while (!(await isSo())) {
      const left = deadline - systemClock.elapsed();
      if (left <= 0) break;
      const over = new AbortController();
      await Promise.race([changed.promise, systemClock.sleep(left, over.signal)]);
      over.abort();
      changed = Promise.withResolvers<void>();
      await systemClock.sleep(PAUSE_MS);
    }
    stop();
  }

  #stateCodec(): Promise<RequestStateCodec> {
    this.#codec ??= this.#parts
      .stateKey()
      .then((key) => createRequestStateCodec({ key, ttlSeconds: STATE_TTL_S, bind }));
    return this.#codec;
  }
}

function bind({ mcpReq, http }: ServerContext): string {
  return `${mcpReq.method}\0${http?.authInfo?.clientId ?? "stdio"}`;
}
