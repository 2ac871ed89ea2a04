import { randomUUID } from "node:crypto";
import type * as z from "zod";
import { actorOf, type Caller, lineOf, NOBODY, requireAudience, requireScope } from "../domain/caller.ts";
import type { WaitOptions } from "../services/invocations/invocation-service.ts";
import type { Credential } from "../services/operators/access-service.ts";
import type { Services } from "../services/services.ts";
import { systemClock } from "../shared/clock.ts";
import { DomainError, ERRORS, isAudited } from "../shared/errors.ts";
import { digestOf, type Json, jsonProblem } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import { nearest } from "../shared/nearest.ts";
import { cut } from "../shared/text.ts";
import { asMeant, fieldsHolding, schemaOf } from "./as-meant.ts";
import { Catalogue } from "./catalogue.ts";
import type { Operation } from "./define-operation.ts";
import type { SchemaNode } from "./flat-schema.ts";
import type { Profile } from "./profile.ts";

/** A call as a face decodes it. */
export interface Call {
  readonly operation: Operation;
  readonly input: unknown;
  readonly credential: Credential;
  /** What of all operations this session may run. */
  readonly profile: Profile;
  /** Aborted when the caller gives the call up. */
  readonly signal: AbortSignal;
  /** Aborted when the server stops: whoever waits is answered then. */
  readonly parting?: AbortSignal | undefined;
  /** Names the request in the log. */
  readonly requestId?: string | undefined;
  readonly progress?: WaitOptions["progress"];
}

export type Outcome =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly error: DomainError };

/** Looks at what a handler returned and what of it the contract lets through. What it throws fails the call: tests do. */
export type ResultInspector = (operation: Operation, returned: unknown, shown: unknown) => void;

export type CallListener = (operation: Operation, outcome: Outcome, ms: number) => void;

/** These say how to answer and not what is asked: a repeated request may change them. */
const NOT_PART_OF_THE_REQUEST = new Set(["idempotency_key", "repeat", "wait_ms"]);
const SHOWN_ISSUES = 8;
const SHOWN_NAME_CHARS = 64;

/** Runs every call of every face, so that a call has the same meaning, value and error code everywhere. */
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
    for (const tell of this.#listeners) tell(call.operation, outcome, systemClock.elapsed() - began);
    return outcome;
  }

  /** Tells of every call that was run, whichever way it went. */
  onCall(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  async #outcome(call: Call): Promise<Outcome> {
    const { operation } = call;
    let operatorId: string | undefined;
    let acting: Caller | undefined;
    try {
      if (!call.profile.allowed.includes(operation)) {
        throw new DomainError("FORBIDDEN", `This session may not use ${operation.name}: its host keeps it from that.`);
      }
      const { audience = "operators" } = operation;
      const isOpen = audience === "anyone" && call.credential.kind === "none";
      const caller = isOpen ? NOBODY : await this.#services.access.authenticate(call.credential);
      ({ operatorId } = caller);
      acting = caller;
      requireAudience(caller, audience, operation.name);
      if (audience !== "anyone") requireScope(caller, operation.scope);
      const { input, ...identity } = this.#parse(operation, call.input, caller);
      const meta = {
        // Made only for those who wait.
        get signal() {
          return call.parting ? AbortSignal.any([call.signal, call.parting]) : call.signal;
        },
        isGivenUp: () => call.signal.aborted,
        progress: call.progress,
        ...identity,
      };
      const run = (other: Operation, given: unknown) => this.run({ ...call, operation: other, input: given });
      const context = {
        caller,
        services: this.#services,
        meta,
        catalogue: () => new Catalogue(call.profile.allowed, run),
      };
      const returned = await operation.handle(input, context);
      const value = operation.output.parse(returned);
      this.#inspect?.(operation, returned, value);
      return { ok: true, value };
    } catch (error) {
      const told = this.#toDomainError(call, await this.#withLink(error, operatorId));
      if (acting && isAudited(told.code)) await this.#services.refusals.record(told, actorOf(acting));
      return { ok: false, error: told };
    }
  }

  #parse(operation: Operation, raw: unknown, caller: Caller) {
    requireSound(operation, raw);
    const given = canonical(operation, raw);
    const parsed = operation.input.safeParse(given);
    if (!parsed.success) throw misfit(operation, given, parsed.error);
    const { idempotency_key: key, repeat, ...input } = parsed.data as Record<string, unknown>;
    const asked = () =>
      Object.fromEntries(Object.entries(input).filter(([name]) => !NOT_PART_OF_THE_REQUEST.has(name)));
    if (typeof key !== "string") {
      const isTold = operation.idempotency === "default" && repeat !== true;
      return { input, callDigest: isTold ? digestOf([operation.name, lineOf(caller), asked()]) : undefined };
    }
    const requestDigest = digestOf(asked());
    // Keys of an agent are its own: it neither learns of its operator's nor uses them up.
    const { agent, passport, operatorId } = caller;
    const own = agent ? `${passport?.sessionId ?? agent.id} ${key}` : key;
    return { input, idempotency: { operatorId, operation: operation.name, key: own, requestDigest } };
  }

  /** Whoever lacks money is shown where to pay. */
  async #withLink(error: unknown, operatorId: string | undefined): Promise<unknown> {
    if (!(error instanceof DomainError) || error.code !== "INSUFFICIENT_CREDITS" || operatorId === undefined)
      return error;
    return this.#services.topups.withLink(error, operatorId).catch((failure: unknown) => failure);
  }

  #toDomainError({ operation, requestId }: Call, error: unknown): DomainError {
    const of = { operation: operation.name, request_id: requestId };
    if (error instanceof DomainError) {
      this.#log[ERRORS[error.code].level]({ ...of, code: error.code, err: error.cause }, error.message);
      return error;
    }
    const errorId = randomUUID();
    this.#log.error({ ...of, error_id: errorId, err: error }, "an operation failed");
    const message = `Something went wrong on the server. The log tells more under ${errorId}.`;
    return new DomainError("INTERNAL", message, { error_id: errorId });
  }
}

/** Found before anything recursive sees it. */
function requireSound(operation: Operation, raw: unknown): void {
  // A bound in a schema is a measure, however large: no value that it is held against loses digits.
  const problem = jsonProblem(raw, LIMITS.jsonDepth + 5, fieldsHolding(operation, "schema"));
  if (problem === undefined) return;
  const { path, rule } = problem;
  const where = path === "" ? `The input of ${operation.name}` : path;
  throw new DomainError("INVALID_REQUEST", `${where} ${rule}.`, { issues: [{ path: path || "input", rule }] });
}

/** One spelling, and what a client meant by it. What was text and became an object is looked at as the rest was. */
function canonical(operation: Operation, raw: unknown): unknown {
  const given = asMeant(operation, raw);
  requireSound(operation, given);
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const one =
    isObject && operation.normalise ? asMeant(operation, operation.normalise(given as Record<string, unknown>)) : given;
  requireSound(operation, one);
  return one;
}

function misfit(operation: Operation, given: unknown, error: z.ZodError): DomainError {
  const issues = error.issues.slice(0, SHOWN_ISSUES).map((issue) => describeIssue(issue, operation, given));
  const message = `The input of ${operation.name} is not valid: ${issues.map(({ path, rule }) => `${path} ${rule}`).join("; ")}.`;
  return new DomainError("INVALID_REQUEST", message, { issues: issues as unknown as Json });
}

function describeIssue(issue: z.core.$ZodIssue, operation: Operation, given: unknown): { path: string; rule: string } {
  const path = issue.path.join(".") || "input";
  if (issue.code === "unrecognized_keys") return unknownField(issue, operation);
  if (issue.code === "invalid_union") return { path, rule: describeUnion(issue) };
  if (issue.code === "too_small" && issue.message.startsWith("Too small")) {
    return { path, rule: bound(issue.origin, `at least ${issue.minimum}`) };
  }
  if (issue.code === "too_big" && issue.message.startsWith("Too big")) {
    return { path, rule: bound(issue.origin, `at most ${issue.maximum}`) };
  }
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid")) {
    const values = issue.values.map((value) => JSON.stringify(value)).join(" or ");
    return { path, rule: `${isMissing(given, issue.path) ? "is missing: it " : ""}must be ${values}` };
  }
  if (issue.code === "invalid_type") return { path, rule: describeType(issue) };
  return { path, rule: issue.message };
}

function isMissing(given: unknown, path: readonly PropertyKey[]): boolean {
  let value = given;
  for (const part of path) value = Object(value)[part];
  return value === undefined;
}

/** With the known names that are nearest to it. */
function unknownField({ path, keys }: z.core.$ZodIssueUnrecognizedKeys, operation: Operation) {
  const [name = ""] = keys;
  const near = nearest(name, fieldsAt(schemaOf(operation), path));
  const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
  return { path: [...path, cut(name, SHOWN_NAME_CHARS)].join("."), rule: `is not a known field${hint}` };
}

function fieldsAt(schema: SchemaNode, path: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = schema;
  for (const part of path)
    node = typeof part === "number" ? (node?.items as SchemaNode) : node?.properties?.[String(part)];
  return Object.keys(node?.properties ?? {});
}

/** Of a text its characters are counted, of a list its items. */
function bound(origin: string, size: string): string {
  if (origin === "string") return `must have ${size} characters`;
  return origin === "array" ? `must have ${size} items` : `must be ${size}`;
}

const PLAIN_NAMES: Readonly<Record<string, string>> = {
  record: "an object",
  object: "an object",
  int: "a whole number",
  array: "a list",
};

function describeType(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.message.endsWith("received undefined")) return "is missing";
  return `must be ${PLAIN_NAMES[issue.expected] ?? `a ${issue.expected}`}`;
}

/** The branch that the caller most likely meant: the one with the fewest complaints. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): string {
  const missing = issue.errors.every(
    ([error]) => error?.path.length === 0 && error.message.endsWith("received undefined"),
  );
  if (missing) return "is missing";
  const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
  const [first] = closest ?? [];
  return first ? `${first.path.join(".")} ${first.message}`.trim() : issue.message;
}
