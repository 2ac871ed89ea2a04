import { Worker } from "node:worker_threads";
import { systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";
import { digestOf, type Json } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { CompiledSchemas, Misfit } from "./compile.ts";
import type { CheckReply, CheckRequest } from "./worker.ts";

const HEAP_MB = 256;

const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./worker.ts" : "./schema-worker.js",
  import.meta.url,
);

const TOO_SLOW: Misfit = {
  path: "/",
  rule: "time",
  message: `could not be checked against the schema within ${LIMITS.schemaCheckMs} ms`,
};

/** Work that is done at once grows at most with schema × value, and no further than this. */
const TAME_SIZE = 1_000_000;
/** Compiling is not free either. */
const TAME_SCHEMA_CHARS = 4_000;
const WILD_KEYWORD = /"(?:\$ref|uniqueItems|contains|pattern|patternProperties|format)":/;

/** The facts of a schema that are known before a value is checked against it. */
interface SchemaFacts {
  readonly chars: number;
  readonly key: string;
  readonly wild: boolean;
}

/** Skills are read once and invoked often: what their schemas are like is found out once too. */
const known = new WeakMap<object, SchemaFacts>();

function factsOf(schema: Json): SchemaFacts {
  const found = typeof schema === "object" && schema !== null ? known.get(schema) : undefined;
  if (found) return found;
  const text = JSON.stringify(schema);
  const wild = text.length > TAME_SCHEMA_CHARS || WILD_KEYWORD.test(text);
  const facts = { chars: text.length, key: digestOf(schema), wild };
  if (typeof schema === "object" && schema !== null) known.set(schema, facts);
  return facts;
}

/**
 * Tells whether a check is sure to be quick: small, and with no keyword whose cost can grow faster
 * than the text of the two. It saves a hop to another thread.
 */
function isTame({ chars, wild }: SchemaFacts, value: Json): boolean {
  return !wild && chars * JSON.stringify(value).length <= TAME_SIZE;
}

/**
 * Checks values against publishers' schemas. Both are hostile, and together they can take for ever
 * (`uniqueItems` over a large array, branching recursion), so the work is done in a thread that is
 * ended when it takes too long.
 */
export class SchemaChecker {
  /** For tame checks; loaded with the first of them. */
  #here: Promise<CompiledSchemas> | undefined;
  #worker: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Returns why the schema is not accepted; undefined when it is. */
  async schemaProblem(schema: Json): Promise<string | undefined> {
    const request = { key: digestOf(schema), schema };
    const reply = await this.#inTurn(() => this.#exchange(request, LIMITS.schemaCompileMs));
    if (reply === "too slow") return `it takes longer than ${LIMITS.schemaCompileMs} ms to compile`;
    return reply.kind === "unsupported" ? reply.problem : undefined;
  }

  /** Lists the places in which the value does not fit the schema; empty when it fits. */
  async misfits(schema: Json, value: Json): Promise<readonly Misfit[]> {
    const facts = factsOf(schema);
    if (isTame(facts, value)) return this.#checkHere(facts.key, schema, value);
    const request = { key: facts.key, schema };
    const reply = await this.#inTurn(async () => {
      const compiled = await this.#exchange(request, LIMITS.schemaCompileMs);
      return compiled === "too slow"
        ? compiled
        : this.#exchange({ ...request, value }, LIMITS.schemaCheckMs);
    });
    if (reply === "too slow") return [TOO_SLOW];
    if (reply.kind === "unsupported")
      return [{ path: "/", rule: "schema", message: reply.problem }];
    return reply.misfits;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #checkHere(key: string, schema: Json, value: Json): Promise<readonly Misfit[]> {
    this.#here ??= import("./compile.ts").then(({ CompiledSchemas }) => new CompiledSchemas());
    return (await this.#here).get(key, schema)(value);
  }

  /** One at a time, so that a check that takes too long is never somebody else's. */
  #inTurn(work: () => Promise<CheckReply | "too slow">): Promise<CheckReply | "too slow"> {
    const answer = this.#queue.then(work);
    this.#queue = answer.catch(() => {});
    return answer;
  }

  async #exchange(request: CheckRequest, limitMs: number): Promise<CheckReply | "too slow"> {
    const worker = await this.#started();
    const { promise, resolve } = Promise.withResolvers<CheckReply | "too slow">();
    const giveUp = () => resolve("too slow");
    const timer = systemClock.after(limitMs, giveUp);
    worker.once("message", resolve);
    worker.once("exit", giveUp);
    worker.postMessage(request);
    try {
      const reply = await promise;
      if (reply === "too slow") await this.close();
      return reply;
    } finally {
      timer.cancel();
      worker.off("message", resolve);
      worker.off("exit", giveUp);
    }
  }

  /** A thread that said it is ready: how long it takes to start is not counted. */
  async #started(): Promise<Worker> {
    if (this.#worker) return this.#worker;
    const worker = new Worker(entry, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    let cause: unknown;
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    await new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("exit", () => reject(notStarted(cause)));
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}

/**
 * Codes of a system that lacks something for now. With any other code the thread never starts: the
 * program has a fault.
 */
const PASSING = [
  "EMFILE",
  "ENFILE",
  "EAGAIN",
  "ENOMEM",
  "ERR_WORKER_INIT_FAILED",
  "ERR_WORKER_OUT_OF_MEMORY",
];

function notStarted(cause: unknown): Error {
  const { code } = Object(cause) as NodeJS.ErrnoException;
  if (code !== undefined && PASSING.includes(code))
    return new DomainError("BUSY", undefined, undefined, cause);
  return new Error("the schema thread does not start", { cause });
}
