import type { Json, JsonObject } from "../shared/json.ts";

/** Whether every value of one schema is a value of another: surely, perhaps, or not. */
export type Verdict = "fits" | "may_fit" | "no";

export interface Fit {
  readonly verdict: Verdict;
  /** What speaks against it, or leaves it open: sentences that begin with a path. */
  readonly reasons: readonly string[];
}

type Schema = JsonObject | boolean;

const MAX_DEPTH = 8;
const MAX_REASONS = 8;
const TYPES = ["null", "boolean", "object", "array", "number", "integer", "string"];
/** Rules that a value can break although its type is right. */
const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
];
/** What this does not follow: then only a run can tell. */
const BRANCHES = [
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "dependentSchemas",
  "dependentRequired",
  "prefixItems",
  "contains",
];

/**
 * Judges by structure whether what `from` describes can be given to `to`. It is careful: `fits` is said only where it is
 * sure, and what it does not follow is `may_fit`.
 */
export function judgeFit(from: Schema, to: Schema): Fit {
  const against: string[] = [];
  const open: string[] = [];
  compare({ schema: from, root: from }, { schema: to, root: to }, "", 0, against, open);
  if (against.length > 0) return { verdict: "no", reasons: against.slice(0, MAX_REASONS) };
  return { verdict: open.length > 0 ? "may_fit" : "fits", reasons: open.slice(0, MAX_REASONS) };
}

interface Place {
  readonly schema: Schema;
  /** Where its local references begin. */
  readonly root: Schema;
}

function compare(given: Place, wanted: Place, path: string, depth: number, against: string[], open: string[]): void {
  const [from, to] = [resolve(given), resolve(wanted)];
  const at = path === "" ? "the whole" : path;
  if (to === true || isEmpty(to)) return;
  if (to === false || from === false) return void against.push(`${at} can have no value`);
  if (depth > MAX_DEPTH || from === undefined || to === undefined) return void open.push(`${at} is too deep to judge`);
  const schema = from === true ? {} : from;
  if (!typesGoTogether(schema, to, at, against, open)) return;
  if (BRANCHES.some((keyword) => keyword in to || keyword in schema)) open.push(`${at} has branches`);
  valuesGoTogether(schema, to, at, against, open);
  const wantedTypes = typesOf(to) ?? TYPES;
  if (wantedTypes.includes("object") && (typesOf(schema) ?? TYPES).includes("object")) {
    compareObjects({ ...given, schema }, { ...wanted, schema: to }, path, depth, against, open);
  }
  const [items, wantedItems] = [schemaAt(schema.items), schemaAt(to.items)];
  if (wantedItems !== undefined && (typesOf(schema) ?? TYPES).includes("array")) {
    compare(
      { ...given, schema: items ?? true },
      { ...wanted, schema: wantedItems },
      `${path}[]`,
      depth + 1,
      against,
      open,
    );
  }
}

function compareObjects(
  given: Place & { readonly schema: JsonObject },
  wanted: Place & { readonly schema: JsonObject },
  path: string,
  depth: number,
  against: string[],
  open: string[],
): void {
  const [has, wants] = [properties(given.schema), properties(wanted.schema)];
  const [sure, needed] = [names(given.schema.required), names(wanted.schema.required)];
  const inner = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const name of needed) {
    if (!has.has(name)) against.push(`${inner(name)} is required and not given`);
    else if (!sure.includes(name)) open.push(`${inner(name)} is required and may be left out`);
  }
  for (const [name, schema] of wants) {
    const found = has.get(name);
    if (found !== undefined) {
      compare({ ...given, schema: found }, { ...wanted, schema }, inner(name), depth + 1, against, open);
    }
  }
  if (wanted.schema.additionalProperties !== false) return;
  for (const name of has.keys()) if (!wants.has(name)) against.push(`${inner(name)} is given and not allowed`);
}

function typesGoTogether(from: JsonObject, to: JsonObject, at: string, against: string[], open: string[]): boolean {
  const [given, wanted] = [typesOf(from), typesOf(to)];
  if (wanted === undefined) return true;
  if (given === undefined) {
    open.push(`${at} has no type, and ${wanted.join(" or ")} is wanted`);
    return true;
  }
  const taken = given.filter((type) => wanted.includes(type) || (type === "integer" && wanted.includes("number")));
  if (taken.length === 0) {
    against.push(`${at} is ${given.join(" or ")}, and ${wanted.join(" or ")} is wanted`);
    return false;
  }
  if (taken.length < given.length)
    open.push(`${at} can be ${given.join(" or ")}, and ${wanted.join(" or ")} is wanted`);
  return true;
}

function valuesGoTogether(from: JsonObject, to: JsonObject, at: string, against: string[], open: string[]): void {
  const [given, wanted] = [valuesOf(from), valuesOf(to)];
  if (wanted !== undefined) {
    const outside = given?.filter((value) => !wanted.includes(value));
    if (given !== undefined && outside?.length === given.length) against.push(`${at} has none of the wanted values`);
    else if (outside === undefined || outside.length > 0) open.push(`${at} may have other values than the wanted ones`);
  }
  const bound = BOUNDS.find(
    (keyword) => keyword in to && JSON.stringify(to[keyword]) !== JSON.stringify(from[keyword]),
  );
  if (bound !== undefined) open.push(`${at} has to keep to a ${bound}`);
}

function typesOf(schema: JsonObject): string[] | undefined {
  const { type } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((one): one is string => typeof one === "string");
  const values = valuesOf(schema);
  return values && [...new Set(values.map(typeOfValue))];
}

function typeOfValue(text: string): string {
  const value = JSON.parse(text) as Json;
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** The values of `enum` or `const`, as text. */
function valuesOf(schema: JsonObject): string[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value));
  return schema.const === undefined ? undefined : [JSON.stringify(schema.const)];
}

function properties(schema: JsonObject): Map<string, Schema> {
  const { properties: found } = schema;
  if (typeof found !== "object" || found === null || Array.isArray(found)) return new Map();
  return new Map(Object.entries(found).map(([name, value]) => [name, schemaAt(value) ?? true]));
}

function names(required: Json | undefined): string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === "string") : [];
}

function schemaAt(value: Json | undefined): Schema | undefined {
  if (typeof value === "boolean") return value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Follows local references; undefined when they lead nowhere or round. */
function resolve({ schema, root }: Place): Schema | undefined {
  let current: Schema | undefined = schema;
  for (let hops = 0; hops < MAX_DEPTH; hops++) {
    if (typeof current !== "object" || typeof current.$ref !== "string") return current;
    current = pointed(root, current.$ref);
  }
  return undefined;
}

function pointed(root: Schema, reference: string): Schema | undefined {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(2).split("/").filter(Boolean)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const inside: boolean = typeof found === "object" && found !== null && Object.hasOwn(found, key);
    found = inside ? (found as JsonObject)[key] : undefined;
  }
  return schemaAt(found);
}

function isEmpty(schema: Schema | undefined): boolean {
  return typeof schema === "object" && Object.keys(schema).length === 0;
}
