import { Ajv2020, type ErrorObject, str } from "ajv/dist/2020.js";
import type { Json } from "../shared/json.ts";
import { cut } from "../shared/text.ts";
import { isMultipleOf } from "./multiple-of.ts";
import { patternEngine } from "./pattern-engine.ts";
import { schemaProblem } from "./schema-rules.ts";

/** One way in which a value does not fit: where, which rule, and a sentence. */
export interface Misfit {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

const MESSAGE_CHARS = 300;
const SHOWN_MISFITS = 5;
const KEPT = 200;

type Check = (value: unknown) => readonly Misfit[];

/** Checks by the digest of their schema, each compiled once; the least recently used goes first. */
export class CompiledSchemas {
  readonly #checks = new Map<string, Check>();

  /** Throws UnsupportedSchemaError. */
  get(key: string, schema: Json): Check {
    const check = this.#checks.get(key) ?? compileSchema(schema);
    this.#checks.delete(key);
    this.#checks.set(key, check);
    const [oldest] = this.#checks.keys();
    if (this.#checks.size > KEPT && oldest !== undefined) this.#checks.delete(oldest);
    return check;
  }
}

export class UnsupportedSchemaError extends Error {
  override readonly name = "UnsupportedSchemaError";
}

/** Turns a schema into a check of values. Throws UnsupportedSchemaError for what is not accepted. */
export function compileSchema(schema: Json): Check {
  const problem = schemaProblem(schema);
  if (problem !== undefined) throw new UnsupportedSchemaError(problem);
  if (typeof schema !== "boolean" && (typeof schema !== "object" || schema === null || Array.isArray(schema))) {
    throw new UnsupportedSchemaError("it is neither an object nor a boolean");
  }
  const validate = build(schema as object | boolean);
  return (value) => {
    // Anything but `true` is a refusal, a promise included.
    if (validate(value) === true) return [];
    return (validate.errors ?? []).slice(0, SHOWN_MISFITS).map(toMisfit);
  };
}

const engine = Object.assign((pattern: string) => patternEngine(pattern), { code: "patternEngine" });

/** An instance of its own: what a schema calls itself cannot reach another one. */
function build(schema: object | boolean) {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    // 2020-12: `format` is an annotation.
    validateFormats: false,
    ownProperties: true,
    code: { regExp: engine },
  });
  // The library divides in binary, where a hundredth is no hundredth.
  ajv.removeKeyword("multipleOf").addKeyword({
    keyword: "multipleOf",
    type: "number",
    schemaType: "number",
    validate: (divisor: number, value: number) => isMultipleOf(value, divisor),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
    metaSchema: { type: "number", exclusiveMinimum: 0 },
  });
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new UnsupportedSchemaError(cut(String((error as Error).message), MESSAGE_CHARS));
  }
}

function toMisfit(error: ErrorObject): Misfit {
  const extra = error.keyword === "additionalProperties" ? `: ${String(error.params.additionalProperty)}` : "";
  return {
    path: cut(error.instancePath, MESSAGE_CHARS) || "/",
    rule: error.keyword,
    message: cut(`${error.message ?? "does not fit"}${extra}`, MESSAGE_CHARS),
  };
}
