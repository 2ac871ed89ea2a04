/** A part of a JSON Schema, as far as it is looked at here. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly [keyword: string]: unknown;
}

/**
 * A schema without branches and without `const`, for clients that lose one branch or the other:
 * kinds of an object become one object whose fields say which kind they are for, and what may be
 * null has two types. It takes more than the schema that it was made of, never less; the parse
 * behind it stays strict.
 */
export function flatSchema(node: SchemaNode): SchemaNode {
  const { oneOf, anyOf, const: only, ...rest } = deeply(node);
  if (only !== undefined) return { ...rest, enum: [only] };
  const branches = oneOf ?? anyOf;
  return branches ? { ...merged(branches), ...rest } : rest;
}

function deeply(node: SchemaNode): SchemaNode {
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return typeof value === "object" && value !== null ? flatSchema(value as SchemaNode) : value;
  };
  return Object.fromEntries(
    Object.entries(node).map(([keyword, value]) => [keyword, inner(value)]),
  );
}

function merged(branches: readonly SchemaNode[]): SchemaNode {
  const given = branches.filter(({ type }) => type !== "null");
  const objects = given.filter(({ type }) => type === "object");
  const whole = objects.length > 0 ? mergedObjects(objects) : mergedValues(given);
  const { type } = whole;
  return given.length < branches.length && typeof type === "string"
    ? { ...whole, type: [type, "null"] }
    : whole;
}

/** Values of several forms: whatever any of them takes. */
function mergedValues(forms: readonly SchemaNode[]): SchemaNode {
  const [first = {}] = forms;
  if (forms.every((form) => JSON.stringify(form) === JSON.stringify(first))) return first;
  const { pattern: _pattern, enum: _enum, minLength: _least, maxLength: _most, ...rest } = first;
  const lengths = forms.flatMap(({ maxLength }) =>
    typeof maxLength === "number" ? [maxLength] : [],
  );
  const enums = forms.map((form) => form.enum);
  if (enums.every((values) => values !== undefined))
    return { ...rest, enum: [...new Set(enums.flat())] };
  return lengths.length > 0 ? { ...rest, maxLength: Math.max(...lengths) } : rest;
}

/** Objects that differ by what their field `type` says, or one object beside other values. */
function mergedObjects(branches: readonly SchemaNode[]): SchemaNode {
  const [first = {}, ...others] = branches;
  if (others.length === 0) return first;
  const names = [...new Set(branches.flatMap(({ properties = {} }) => Object.keys(properties)))];
  const properties = Object.fromEntries(names.map((name) => [name, fieldOf(branches, name)]));
  const required = names.filter((name) =>
    branches.every((branch) => branch.required?.includes(name)),
  );
  return { type: "object", properties, required };
}

/** A field of the kinds that have it; where not all have it, it says which do. */
function fieldOf(kinds: readonly SchemaNode[], name: string): SchemaNode {
  const having = kinds.filter(({ properties = {} }) => name in properties);
  const field = mergedValues(having.map(({ properties = {} }) => properties[name] ?? {}));
  if (having.length === kinds.length) return field;
  const needed = having.every((kind) => kind.required?.includes(name)) ? ", required" : "";
  const whose = `${having.map(({ properties = {} }) => properties.type?.enum?.join()).join(", ")}${needed}`;
  return {
    ...field,
    description: field.description === undefined ? whose : `${whose}: ${field.description}`,
  };
}
