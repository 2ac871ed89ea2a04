import type { Json } from "../shared/json.ts";
import { cut } from "../shared/text.ts";

/**
 * Keywords by what they hold: one schema, a list of them, schemas by name. Values of other keywords
 * are no schemas.
 */
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
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  [ONE, LIST, BY_NAME, OTHER].flatMap((words) => words.split(" ")),
);

const NAME_CHARS = 80;

/**
 * A warning for a schema that is accepted and can hardly be meant; undefined for a schema that says
 * something.
 */
export function schemaDoubt(schema: Json): string | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const words = Object.keys(schema);
  if (words.length === 0 || words.some((word) => KNOWN_WORDS.has(word))) return undefined;
  const some = words.slice(0, 3).map((word) => cut(word, NAME_CHARS));
  return `none of its words is one of JSON Schema (${some.join(", ")}), so that it takes any value; fields are named under properties`;
}
