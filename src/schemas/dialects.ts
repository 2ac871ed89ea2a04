import { Ajv, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import AjvDraft04 from "ajv-draft-04";
import type { Json } from "../shared/json.ts";

export type Dialect = "draft-04" | "draft-07" | "2019-09" | "2020-12";

const NAMES: Readonly<Record<string, Dialect>> = {
  "json-schema.org/draft-04/schema": "draft-04",
  "json-schema.org/draft-07/schema": "draft-07",
  "json-schema.org/draft/2019-09/schema": "2019-09",
  "json-schema.org/draft/2020-12/schema": "2020-12",
};

/** A schema that names none is of the newest. */
export const STANDARD: Dialect = "2020-12";

/** By whose rules a schema is judged; undefined for a dialect that is not known here. */
export function dialectOf(schema: Json): Dialect | undefined {
  const { $schema: name } = Object(schema) as { readonly $schema?: unknown };
  if (name === undefined) return STANDARD;
  return typeof name === "string"
    ? NAMES[
        name
          .trim()
          .replace(/^https?:\/\//, "")
          .replace(/#$/, "")
      ]
    : undefined;
}

/** The validator of a dialect. */
export function validatorOf(dialect: Dialect): new (options: Options) => Ajv {
  return VALIDATORS[dialect] as new (
    options: Options,
  ) => Ajv;
}

const VALIDATORS = { "draft-04": AjvDraft04.default, "draft-07": Ajv, "2019-09": Ajv2019, "2020-12": Ajv2020 };

/** Of these a reference stands for itself alone. */
export const REFERS_ALONE: readonly Dialect[] = ["draft-04", "draft-07"];

/** Keywords by what they hold: one schema, a list of them, schemas by name. Values of other keywords are no schemas. */
const ONE =
  "additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties";
const LIST = "allOf anyOf items oneOf prefixItems";
const BY_NAME = "$defs definitions dependencies dependentSchemas patternProperties properties";
/** Words of all three dialects that hold no schema. */
const OTHER =
  "$anchor $comment $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $ref $schema $vocabulary const contentEncoding contentMediaType default dependentRequired deprecated description enum examples exclusiveMaximum exclusiveMinimum format maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum multipleOf nullable pattern readOnly required title type uniqueItems writeOnly";

export const HOLDS_ONE: ReadonlySet<string> = new Set(ONE.split(" "));
export const HOLDS_LIST: ReadonlySet<string> = new Set(LIST.split(" "));
export const HOLDS_BY_NAME: ReadonlySet<string> = new Set(BY_NAME.split(" "));
export const KNOWN_WORDS: ReadonlySet<string> = new Set(
  [ONE, LIST, BY_NAME, OTHER].flatMap((words) => words.split(" ")),
);
