import type { SchemaNode } from "./flat-schema.ts";

const ANY_JSON = ["object", "array", "string", "number", "boolean", "null"];
/** Length from which a bound on a text is not described. */
const TOLD_CHARS = 1_000;

/**
 * The same schema for models: bounds and defaults stand in its descriptions too, because some
 * clients drop the keywords, and every value has a type, because some drop what has none.
 */
export function inWords(node: SchemaNode): SchemaNode {
  const { properties, items, ...rest } = node;
  const inner = {
    ...rest,
    ...(properties === undefined ? {} : { properties: mapValues(properties, inWords) }),
    ...(items === undefined ? {} : { items: inWords(items as SchemaNode) }),
  };
  const {
    pattern: _said,
    minLength,
    maxLength,
    minItems,
    default: standard,
    ...told
  } = withType(inner);
  const kept = {
    ...told,
    ...(typeof minLength === "number" && minLength > 1 ? { minLength } : {}),
    ...(isTold(maxLength) ? { maxLength } : {}),
    ...(Number(minItems) > 1 ? { minItems } : {}),
    ...(isPlain(standard) ? { default: standard } : {}),
  };
  const bounds = boundsOf(node).join(", ");
  if (bounds === "") return kept;
  const { description } = node;
  return {
    ...kept,
    description: description === undefined ? bounds : `${description} (${bounds})`,
  };
}

function withType(node: SchemaNode): SchemaNode {
  const isTyped =
    node.type !== undefined || node.enum !== undefined || node.properties !== undefined;
  return isTyped ? node : { ...node, type: ANY_JSON };
}

function boundsOf({
  minimum,
  maximum,
  minLength,
  maxLength,
  maxItems,
  default: standard,
}: SchemaNode): string[] {
  return [
    ...(maximum === undefined
      ? []
      : [minimum === undefined ? `at most ${maximum}` : `${minimum}–${maximum}`]),
    ...(isTold(maxLength)
      ? [
          Number(minLength) > 1
            ? `${minLength}–${maxLength} characters`
            : `≤ ${maxLength} characters`,
        ]
      : []),
    ...(maxItems === undefined ? [] : [`≤ ${maxItems}`]),
    ...(isPlain(standard) ? [`default ${standard}`] : []),
  ];
}

function isTold(maxLength: unknown): boolean {
  return typeof maxLength === "number" && maxLength <= TOLD_CHARS;
}

/** Tells whether a default is worth describing: not false, and not empty. */
function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || value === true;
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
