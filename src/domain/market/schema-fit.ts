import type { Json, JsonObject } from "../../shared/json.ts";

/**
 * The answer to whether every value of one schema is a value of another: surely, perhaps, or not.
 */
export type FitVerdict = "fits" | "may_fit" | "no";

export interface Fit {
  readonly verdict: FitVerdict;
  /** The reasons against it, or those that leave it open: sentences that begin with a path. */
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
/** Keywords that this does not follow: then only a run can tell. */
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
 * The most places of two schemas that are looked at: both schemas are hostile, and references can
 * branch without end.
 */
export interface FitBudget {
  places: number;
}

const PLACES = 2_000;

/**
 * Judges by structure whether what `from` describes can be given to `to`. It is careful: `fits` is
 * said only where it is sure, and what it does not follow is `may_fit`.
 */
export function judgeFit(from: Schema, to: Schema, budget: FitBudget = { places: PLACES }): Fit {
  const comparison = new Comparison(budget);
  comparison.compare({ schema: from, root: from }, { schema: to, root: to }, "", 0);
  return comparison.fit();
}

interface Place {
  readonly schema: Schema;
  /** The schema in which its local references begin. */
  readonly root: Schema;
}

type ObjectPlace = Place & { readonly schema: JsonObject };

class Comparison {
  readonly #budget: FitBudget;
  readonly #against: string[] = [];
  readonly #open: string[] = [];

  constructor(budget: FitBudget) {
    this.#budget = budget;
  }

  fit(): Fit {
    if (this.#against.length > 0)
      return { verdict: "no", reasons: this.#against.slice(0, MAX_REASONS) };
    return {
      verdict: this.#open.length > 0 ? "may_fit" : "fits",
      reasons: this.#open.slice(0, MAX_REASONS),
    };
  }

  compare(given: Place, wanted: Place, path: string, depth: number): void {
    const [from, to] = [resolve(given), resolve(wanted)];
    const at = path === "" ? "the whole" : path;
    if (to === true || isEmpty(to)) return;
    if (to === false || from === false) {
      this.#no(`${at} can have no value`);
      return;
    }
    if (depth > MAX_DEPTH || from === undefined || to === undefined) {
      this.#perhaps(`${at} is too deep to judge`);
      return;
    }
    if (!this.#take(1 + sizeOf(from) + sizeOf(to))) {
      this.#perhaps(`${at} is too large to judge`);
      return;
    }
    const schema = from === true ? {} : from;
    if (!this.#compareTypes(schema, to, at)) return;
    if (BRANCHES.some((keyword) => keyword in to || keyword in schema))
      this.#perhaps(`${at} has branches`);
    this.#compareValues(schema, to, at);
    const [givenTypes, wantedTypes] = [typesOf(schema) ?? TYPES, typesOf(to) ?? TYPES];
    if (wantedTypes.includes("object") && givenTypes.includes("object")) {
      this.#compareObjects({ ...given, schema }, { ...wanted, schema: to }, path, depth);
    }
    const wantedItems = schemaAt(to.items);
    if (wantedItems === undefined || !givenTypes.includes("array")) return;
    const items = { ...given, schema: schemaAt(schema.items) ?? true };
    this.compare(items, { ...wanted, schema: wantedItems }, `${path}[]`, depth + 1);
  }

  #compareObjects(given: ObjectPlace, wanted: ObjectPlace, path: string, depth: number): void {
    const [has, wants] = [properties(given.schema), properties(wanted.schema)];
    const [sure, needed] = [names(given.schema.required), names(wanted.schema.required)];
    if (!this.#take(wants.size)) {
      this.#perhaps(`${path || "the whole"} is too large to judge`);
      return;
    }
    const inner = (name: string) => (path === "" ? name : `${path}.${name}`);
    for (const name of needed) {
      if (!has.has(name)) this.#no(`${inner(name)} is required and not given`);
      else if (!sure.has(name)) this.#perhaps(`${inner(name)} is required and may be left out`);
    }
    for (const [name, schema] of wants) {
      const found = has.get(name);
      if (found === undefined) continue;
      this.compare({ ...given, schema: found }, { ...wanted, schema }, inner(name), depth + 1);
    }
    if (wanted.schema.additionalProperties !== false) return;
    for (const name of has.keys())
      if (!wants.has(name)) this.#no(`${inner(name)} is given and not allowed`);
  }

  #compareTypes(from: JsonObject, to: JsonObject, at: string): boolean {
    const [given, wanted] = [typesOf(from), typesOf(to)];
    if (wanted === undefined) return true;
    if (given === undefined) {
      this.#perhaps(`${at} has no type, and ${wanted.join(" or ")} is wanted`);
      return true;
    }
    const taken = given.filter(
      (type) => wanted.includes(type) || (type === "integer" && wanted.includes("number")),
    );
    if (taken.length === 0) {
      this.#no(`${at} is ${given.join(" or ")}, and ${wanted.join(" or ")} is wanted`);
      return false;
    }
    const all = taken.length === given.length;
    if (!all)
      this.#perhaps(`${at} can be ${given.join(" or ")}, and ${wanted.join(" or ")} is wanted`);
    return true;
  }

  #compareValues(from: JsonObject, to: JsonObject, at: string): void {
    const [given, wanted] = [valuesOf(from), valuesOf(to)];
    if (wanted !== undefined) {
      const inside = new Set(wanted);
      const outside = given?.filter((value) => !inside.has(value));
      if (given !== undefined && outside?.length === given.length)
        this.#no(`${at} has none of the wanted values`);
      else if (outside === undefined || outside.length > 0) {
        this.#perhaps(`${at} may have other values than the wanted ones`);
      }
    }
    const bound = BOUNDS.find(
      (keyword) => keyword in to && JSON.stringify(to[keyword]) !== JSON.stringify(from[keyword]),
    );
    if (bound !== undefined) this.#perhaps(`${at} has to keep to a ${bound}`);
  }

  #take(places: number): boolean {
    this.#budget.places -= places;
    return this.#budget.places >= 0;
  }

  #no(reason: string): void {
    if (this.#against.length < MAX_REASONS) this.#against.push(reason);
  }

  #perhaps(reason: string): void {
    if (this.#open.length < MAX_REASONS) this.#open.push(reason);
  }
}

/** Values and names that are looked at one by one. */
function sizeOf(schema: Schema): number {
  if (typeof schema === "boolean") return 0;
  const { enum: values, required } = schema;
  return (
    (Array.isArray(values) ? values.length : 0) + (Array.isArray(required) ? required.length : 0)
  );
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

function names(required: Json | undefined): Set<string> {
  return new Set(
    Array.isArray(required)
      ? required.filter((name): name is string => typeof name === "string")
      : [],
  );
}

function schemaAt(value: Json | undefined): Schema | undefined {
  if (typeof value === "boolean") return value;
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
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
    const inside: boolean =
      typeof found === "object" && found !== null && Object.hasOwn(found, key);
    found = inside ? (found as JsonObject)[key] : undefined;
  }
  return schemaAt(found);
}

function isEmpty(schema: Schema | undefined): boolean {
  return typeof schema === "object" && Object.keys(schema).length === 0;
}
