import { type ErrorObject, str } from "ajv";
import addFormats from "ajv-formats";
import type { Json } from "../shared/json.ts";
import { cut } from "../shared/text.ts";
import { type Dialect, dialectOf, STANDARD, validatorOf } from "./dialects.ts";
import { isMultipleOf } from "./multiple-of.ts";
import { patternEngine } from "./pattern-engine.ts";
import { prepared } from "./prepare.ts";
import { placeOfReference, schemaProblem } from "./schema-rules.ts";

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

/**
 * Turns a schema into a check of values. Throws UnsupportedSchemaError for what is not accepted.
 */
export function compileSchema(schema: Json): Check {
  const problem = schemaProblem(schema);
  if (problem !== undefined) throw new UnsupportedSchemaError(problem);
  const dialect = dialectOf(schema) ?? STANDARD;
  const validate = build(prepared(schema, dialect) as object | boolean, dialect);
  return (value) => {
    // Anything but `true` is a refusal, a promise included.
    if (validate(value) === true) return [];
    return (validate.errors ?? []).slice(0, SHOWN_MISFITS).map(toMisfit);
  };
}

const engine = Object.assign((pattern: string) => patternEngine(pattern), {
  code: "patternEngine",
});

/** An instance of its own: what a schema calls itself cannot reach another one. */
function build(schema: object | boolean, dialect: Dialect) {
  const ajv = new (validatorOf(dialect))({
    strict: false,
    logger: false,
    ownProperties: true,
    code: { regExp: engine },
  });
  addFormats.default(ajv, [...FORMATS]);
  // The library divides in binary, where a hundredth is no hundredth.
  ajv.removeKeyword("multipleOf").addKeyword({
    keyword: "multipleOf",
    type: "number",
    schemaType: "number",
    validate: (divisor: number, value: number) => isMultipleOf(value, divisor),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
    metaSchema: {
      type: "number",
      ...(dialect === "draft-04"
        ? { minimum: 0, exclusiveMinimum: true }
        : { exclusiveMinimum: 0 }),
    },
  });
  // Checked apart from compiling, so that the place is known.
  if (ajv.validateSchema(schema) !== true)
    throw new UnsupportedSchemaError(notValid(ajv.errors?.[0], dialect));
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new UnsupportedSchemaError(cut(causeOf(error as Error, schema as Json), MESSAGE_CHARS));
  }
}

/** Of `format` those that have one meaning everywhere; any other is an annotation. */
const FORMATS = [
  "date",
  "date-time",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "json-pointer",
  "uri",
  "uri-reference",
  "uuid",
] as const;

function notValid(error: ErrorObject | undefined, dialect: Dialect): string {
  const { instancePath = "", message = "is wrong", params = {} } = error ?? {};
  const allowed = Array.isArray(params.allowedValues)
    ? ` (${params.allowedValues.join(", ")})`
    : "";
  return cut(
    `${instancePath || "/"} is not valid ${dialect}: it ${message}${allowed}; correct it`,
    MESSAGE_CHARS,
  );
}

/** References lead within the schema: nothing is fetched. */
function causeOf(error: Error, schema: Json): string {
  if (error instanceof RangeError)
    return "it refers to parts by $id in a way that is not followed; use #/$defs/name";
  const { missingRef } = error as { missingRef?: unknown };
  if (typeof missingRef !== "string") return `${error.message}; correct it`;
  const { missingSchema } = error as { missingSchema?: string };
  const place = `${placeOfReference(schema, missingRef)} (${missingRef})`;
  return missingSchema
    ? `${place} leads outside the schema, and nothing is fetched: put what it means under $defs and refer to it as #/$defs/name`
    : `${place} leads nowhere in the schema; correct it`;
}

function toMisfit(error: ErrorObject): Misfit {
  const extra =
    error.keyword === "additionalProperties" ? `: ${String(error.params.additionalProperty)}` : "";
  return {
    path: cut(error.instancePath, MESSAGE_CHARS) || "/",
    rule: error.keyword,
    message: cut(`${error.message ?? "does not fit"}${extra}`, MESSAGE_CHARS),
  };
}
