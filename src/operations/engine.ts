import { randomUUID } from "node:crypto";
import {
  actorOf,
  type Caller,
  NOBODY,
  repeatScopeOf,
  requireAudience,
  requireScope,
} from "../domain/identity/caller.ts";
import type { Credential } from "../services/auth/authentication-service.ts";
import type { CallOptions } from "../services/call-options.ts";
import type { Services } from "../services/services.ts";
import { systemClock } from "../shared/clock.ts";
import { ERRORS, isAudited } from "../shared/error-codes.ts";
import { DomainError } from "../shared/errors.ts";
import { digestOf, isRecord, jsonProblem, withoutGaps } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import { asMeant, cutNotes, schemaFieldsOf } from "./as-meant.ts";
import { withIds } from "./by-name.ts";
import { Catalogue } from "./catalogue.ts";
import type { Operation } from "./define-operation.ts";
import { misfit } from "./misfit.ts";
import type { Outcome } from "./outcome.ts";
import { type Profile, scopeFor } from "./profile.ts";

/** A call as a face decodes it. */
export interface Call {
  readonly operation: Operation;
  readonly input: unknown;
  readonly credential: Credential;
  /** The operations that this session may run. */
  readonly profile: Profile;
  /** Aborted when the caller gives the call up. */
  readonly signal: AbortSignal;
  /** Aborted when the server stops: whoever waits is answered then. */
  readonly parting?: AbortSignal | undefined;
  /** Names the request in the log. */
  readonly requestId?: string | undefined;
  readonly progress?: CallOptions["progress"];
}

/**
 * Compares a handler's result with the part that the contract lets through; tests throw from it.
 */
export type ResultInspector = (operation: Operation, returned: unknown, shown: unknown) => void;

export type CallListener = (operation: Operation, outcome: Outcome, ms: number) => void;

/** Fields about the form of the answer: a repeated request may change them. */
const NOT_PART_OF_THE_REQUEST = new Set(["idempotency_key", "repeat", "wait_ms"]);

/**
 * Runs every call of every face, so that a call has the same meaning, value and error code
 * everywhere.
 */
export class Engine {
  readonly #services: Services;
  readonly #log: Logger;
  readonly #inspect: ResultInspector | undefined;
  readonly #listeners: CallListener[] = [];

  constructor(services: Services, log: Logger, inspect?: ResultInspector) {
    this.#services = services;
    this.#log = log;
    this.#inspect = inspect;
  }

  /** Authenticates, checks the scope, parses, handles, and parses the output. Never throws. */
  async run(call: Call): Promise<Outcome> {
    const began = systemClock.elapsed();
    const outcome = await this.#outcome(call);
    for (const listener of this.#listeners)
      listener(call.operation, outcome, systemClock.elapsed() - began);
    return outcome;
  }

  /** Reports every call, with its outcome. */
  onCall(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  async #outcome(call: Call): Promise<Outcome> {
    const { operation } = call;
    let operatorId: string | undefined;
    let acting: Caller | undefined;
    try {
      if (!call.profile.allowed.includes(operation)) {
        throw new DomainError(
          "FORBIDDEN",
          `This session may not use ${operation.name}: its tool settings exclude it.`,
        );
      }
      const { audience = "operators" } = operation;
      const isOpen = audience === "anyone" && call.credential.kind === "none";
      const caller = isOpen
        ? NOBODY
        : await this.#services.authentication.authenticate(call.credential);
      ({ operatorId } = caller);
      acting = caller;
      requireAudience(caller, audience, operation.name);
      if (audience !== "anyone")
        requireScope(caller, scopeFor(operation, caller.agent !== undefined));
      const given = parse(operation, call.input);
      const named = await withIds(operation, "skl", given, (name) =>
        this.#services.skills.idOf(caller, name),
      );
      let isRepeated = false;
      const onRepeat = () => {
        isRepeated = true;
      };
      const { input, ...identity } = identify(operation, named, caller, onRepeat);
      const meta = {
        // Made only for those who wait.
        get signal() {
          return call.parting ? AbortSignal.any([call.signal, call.parting]) : call.signal;
        },
        isGivenUp: () => call.signal.aborted,
        progress: call.progress,
        ...identity,
      };
      const run = (other: Operation, given: unknown) =>
        this.run({ ...call, operation: other, input: given });
      const context = {
        caller,
        services: this.#services,
        meta,
        catalogue: () => new Catalogue(call.profile, run),
      };
      const handled = await operation.handle(input, context);
      const returned = isRepeated ? { ...Object(handled), replayed: true } : handled;
      const parsed = withoutGaps(operation.output.parse(returned));
      const value = withNote(parsed, cutNotes(operation, call.input));
      this.#inspect?.(operation, returned, value);
      return { ok: true, value };
    } catch (error) {
      const domainError = this.#toDomainError(call, await this.#withLink(error, operatorId));
      if (acting && isAudited(domainError.code))
        await this.#services.authFailures.record(domainError, actorOf(acting));
      return { ok: false, error: domainError };
    }
  }

  /** Adds the payment page to a refusal for lack of money. */
  async #withLink(error: unknown, operatorId: string | undefined): Promise<unknown> {
    if (
      !(error instanceof DomainError) ||
      error.code !== "INSUFFICIENT_CREDITS" ||
      operatorId === undefined
    )
      return error;
    return this.#services.topups.withLink(error, operatorId).catch((failure: unknown) => failure);
  }

  #toDomainError({ operation, requestId }: Call, error: unknown): DomainError {
    const of = { operation: operation.name, request_id: requestId };
    if (error instanceof DomainError) {
      this.#log[ERRORS[error.code].level](
        { ...of, code: error.code, err: error.cause },
        error.message,
      );
      return error;
    }
    const errorId = randomUUID();
    this.#log.error({ ...of, error_id: errorId, err: error }, "an operation failed");
    const message = `Something went wrong on the server. The log has more under ${errorId}.`;
    return new DomainError("INTERNAL", message, { error_id: errorId });
  }
}

function parse(operation: Operation, raw: unknown): Record<string, unknown> {
  const given = canonical(operation, raw);
  const parsed = operation.input.safeParse(given);
  if (!parsed.success) throw misfit(operation, given, parsed.error);
  return parsed.data as Record<string, unknown>;
}

/** Returns the identity of a call: its key, or else the digest of the whole request. */
function identify(
  operation: Operation,
  given: Record<string, unknown>,
  caller: Caller,
  onRepeat: () => void,
) {
  const { idempotency_key: key, repeat, ...input } = given;
  const request = () =>
    Object.fromEntries(
      Object.entries(input).filter(([name]) => !NOT_PART_OF_THE_REQUEST.has(name)),
    );
  if (typeof key !== "string") {
    const isTold = operation.idempotency === "default" && repeat !== true;
    return {
      input,
      callDigest: isTold ? digestOf([operation.name, repeatScopeOf(caller), request()]) : undefined,
    };
  }
  const requestDigest = digestOf(request());
  // Keys of an agent are its own: it neither learns of its operator's nor uses them up.
  const { agent, passport, operatorId } = caller;
  const own = agent ? `${passport?.sessionId ?? agent.id} ${key}` : key;
  return {
    input,
    idempotency: { operatorId, operation: operation.name, key: own, requestDigest, onRepeat },
  };
}

/**
 * Returns an input as its client meant it, in canonical spelling. A check for depth comes before
 * any recursion.
 */
function canonical(operation: Operation, raw: unknown): unknown {
  const given = asMeant(operation, raw);
  requireSound(operation, given);
  if (!operation.normalise || !isRecord(given)) return given;
  const normal = asMeant(operation, operation.normalise(given));
  requireSound(operation, normal);
  return normal;
}

/** Adds a note on changed input values to a result with a `note` field. */
function withNote(
  value: Record<string, unknown>,
  notes: readonly string[],
): Record<string, unknown> {
  if (notes.length === 0) return value;
  const sentences = typeof value.note === "string" ? [...notes, value.note] : notes;
  return { ...value, note: sentences.join(" ") };
}

function requireSound(operation: Operation, given: unknown): void {
  // A bound in a schema is a measure, however large: no value that it is held against loses digits.
  const problem = jsonProblem(given, LIMITS.jsonDepth + 5, schemaFieldsOf(operation));
  if (problem === undefined) return;
  const { path, rule } = problem;
  const where = path === "" ? `The input of ${operation.name}` : path;
  throw new DomainError("INVALID_REQUEST", `${where} ${rule}.`, {
    issues: [{ path: path || "input", rule }],
  });
}
