import * as z from "zod";
import type { Audience, Caller, Scope } from "../domain/identity/caller.ts";
import type { CallOptions } from "../services/call-options.ts";
import { LIMITS } from "../shared/limits.ts";
import { ABSENT_IS_LESS, COPIED } from "./field-marks.ts";
import type { OperationServices } from "./operation-services.ts";
import type { SessionTools } from "./session-tools.ts";
import type { Toolset } from "./toolsets.ts";

/** The context of a handler. It holds no face, no storage and no credentials. */
export interface OperationContext {
  readonly caller: Caller;
  readonly services: OperationServices;
  readonly meta: CallOptions;
  /** The other operations of the session. */
  readonly catalogue: () => SessionTools;
}

/** Hints for hosts that decide what to ask a person about. All four are always stated. */
interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface RestRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: `/v1/${string}`;
  readonly status: 200 | 201;
}

export type OperationName = `stack_${string}`;

/**
 * Work that may outlast its call. A face whose clients know tasks returns it as a task.
 */
export interface LongRunning {
  /** The field of the input that says how long to wait for the end, in ms. */
  readonly waitField: string;
  /** The operations that look after it and that end it, and the field in which both take its id. */
  readonly check: OperationName;
  readonly cancel: OperationName;
  readonly idField: string;
  /**
   * True for work that waits for a person's approval: its caller gets an answer now, and no task.
   */
  readonly waitsForPerson: (result: Readonly<Record<string, unknown>>) => boolean;
}

/**
 * A step that a person takes on a page. A face whose clients can open a page asks the person first.
 */
export interface HandOff<Result> {
  /**
   * The page; undefined when no step is left for a person. A repeated call under the same key
   * returns the outcome.
   */
  readonly urlOf: (result: Result) => string | undefined;
  /**
   * True when an earlier call returned the page: a client that failed to show it gets the link now.
   */
  readonly wasAsked: (result: Result) => boolean;
  /** The question to the person. */
  readonly ask: (result: Result) => string;
  /** The `next_step` of a result whose person does not go there. */
  readonly declined: string;
}

/**
 * A result that clients can also read and subscribe to at an address: `stack://path`, or
 * `stack://path/{id}`.
 */
export interface Resource {
  readonly name: string;
  readonly path: string;
  /** The field of the input that takes the id; left out where there is one such resource. */
  readonly idField?: string;
  readonly title: string;
  readonly description: string;
  /** Fields of the result that do not belong to the thing: they change while the thing stays. */
  readonly leaveOut?: readonly string[];
}

/**
 * The type of a result without fields beyond its contract, which would be dropped silently.
 */
type Listed<Output extends z.ZodObject, Result> = Result & {
  readonly [Field in Exclude<keyof Result, keyof z.input<Output>>]: never;
};

/** An intent, stated once. Faces project it and the engine runs it. */
export interface OperationDefinition<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Result extends z.input<Output>,
> {
  /** `stack_` and the intent; at most 40 characters. */
  readonly name: OperationName;
  /** People read this. */
  readonly title: string;
  /** Models read this: when to use it, what comes back, which operation comes next. */
  readonly description: string;
  readonly scope: Scope;
  /**
   * The scope for an agent, in place of `scope`: an agent reads its own limits without a right to
   * its operator's money.
   */
  readonly agentScope?: Scope;
  /** Left out: operators alone. `anyone` needs no credential over REST. */
  readonly audience?: Audience;
  /** The wire types, every field described and bounded. */
  readonly input: Input;
  /** Lists its fields, so that nothing else can leak. */
  readonly output: Output;
  /**
   * "optional": the input also takes an `idempotency_key`. "default": without one, the same call is
   * told by itself, and `repeat` asks for another (docs/adr/0022).
   */
  readonly idempotency: "none" | "optional" | "default";
  readonly toolset: Toolset;
  readonly mcp: ToolHints | false;
  readonly rest: RestRoute | false;
  /** Fields that REST takes as a header, by the header's name. */
  readonly headers?: { readonly [Field in keyof z.input<Input>]?: string };
  readonly longRunning?: LongRunning;
  /** The words of the command that does the same, for messages to somebody who types commands. */
  readonly command?: string;
  readonly handOff?: HandOff<z.output<Output>>;
  readonly resource?: Resource;
  /** `runner`: it finds or runs the others, and no other runs it. */
  readonly kind?: "runner";
  /** Turns published spellings into the canonical form, before the one strict parse. */
  readonly normalise?: (raw: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /**
   * One input that works on an empty marketplace or is refused for a stated reason; for
   * documentation.
   */
  readonly example: z.input<Input> & {
    readonly idempotency_key?: string;
    readonly repeat?: boolean;
  };
  readonly handle: (
    input: z.output<Input>,
    context: OperationContext,
  ) => Promise<Listed<Output, Result>>;
}

/** An operation with its types erased, as the registry keeps it. */
export interface Operation
  extends Omit<
    OperationDefinition<z.ZodObject, z.ZodObject, Record<string, unknown>>,
    "handle" | "example"
  > {
  readonly example: Readonly<Record<string, unknown>>;
  readonly handle: (input: Record<string, unknown>, context: OperationContext) => Promise<unknown>;
}

const idempotencyKey = z
  .string()
  .min(1)
  .max(LIMITS.idempotencyKeyChars)
  .optional()
  .meta({ ...ABSENT_IS_LESS, ...COPIED })
  .describe("Repeated, the call acts and charges once");

const repeat = z.boolean().default(false).describe("Start a new run of a repeated call");

const replayed = z.boolean().optional().describe("The key was used before: this is its result");

const IDEMPOTENCY_FIELDS = {
  none: {},
  optional: { idempotency_key: idempotencyKey },
  default: { idempotency_key: idempotencyKey, repeat },
} as const;

export function defineOperation<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Result extends z.input<Output>,
>(definition: OperationDefinition<Input, Output, Result>): Operation {
  const { idempotency, input, output } = definition;
  const extended = idempotency === "none" ? output : output.extend({ replayed });
  return {
    ...definition,
    input: input.extend(IDEMPOTENCY_FIELDS[idempotency]),
    output: extended,
  } as unknown as Operation;
}
