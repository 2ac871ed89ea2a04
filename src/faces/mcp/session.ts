import type { Operation } from "../../operations/define-operation.ts";
import type { Call, Engine, Outcome } from "../../operations/engine.ts";
import type { Profile } from "../../operations/profile.ts";
import type { Credential } from "../../services/operators/access-service.ts";
import { assert, DomainError } from "../../shared/errors.ts";

export interface SessionParts {
  /** Puts the program together at the first call; a listing does not need it. */
  readonly engine: () => Promise<Engine>;
  readonly operations: readonly Operation[];
  readonly profile: Profile;
  readonly credential: Credential;
}

type Following = Pick<Call, "signal" | "progress">;

/** One caller's way to the operations. */
export class Session {
  readonly profile: Profile;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.profile = parts.profile;
    this.#parts = parts;
  }

  /** A program that cannot be put together answers calls with the reason. */
  async run(operation: Operation, input: unknown, following: Following): Promise<Outcome> {
    const { engine, profile, credential } = this.#parts;
    try {
      return await (await engine()).run({ operation, input, credential, profile, ...following });
    } catch (error) {
      if (error instanceof DomainError) return { ok: false, error };
      throw error;
    }
  }

  /** For what the face itself wants to know; it is the same call under the same rights. */
  async read(name: string, input: unknown): Promise<Outcome> {
    const operation = this.#parts.operations.find((one) => one.name === name);
    assert(operation, "a face asks only for operations that there are");
    return this.run(operation, input, { signal: NEVER });
  }
}

const NEVER = new AbortController().signal;
