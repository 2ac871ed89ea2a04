import { type IdPrefix, isId } from "../shared/ids.ts";
import { isRecord } from "../shared/json.ts";
import { schemaOf } from "./as-meant.ts";
import type { Operation } from "./define-operation.ts";
import { FIELD_MARKS } from "./field-marks.ts";
import type { SchemaNode } from "./flat-schema.ts";

/** Returns the id of a name, as the caller sees it; undefined for an unknown name. */
export type FindByName = (name: string) => Promise<string | undefined>;

/**
 * Returns an input with ids in place of names, in every field that names a thing of the given kind.
 */
export async function withIds<T>(
  operation: Operation,
  prefix: IdPrefix,
  input: T,
  find: FindByName,
): Promise<T> {
  return (await resolved(schemaOf(operation), prefix, input, find)) as T;
}

async function resolved(
  node: SchemaNode,
  prefix: IdPrefix,
  value: unknown,
  find: FindByName,
): Promise<unknown> {
  if (typeof value === "string") {
    if (node[FIELD_MARKS.names] !== prefix || isId(prefix, value)) return value;
    return (await find(value)) ?? value;
  }
  const { items, properties } = node;
  if (Array.isArray(value) && isRecord(items)) {
    return Promise.all(value.map((item) => resolved(items as SchemaNode, prefix, item, find)));
  }
  if (!isRecord(value) || properties === undefined) return value;
  const entries = Object.entries(value).map(async ([name, inner]) => {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return [name, field ? await resolved(field, prefix, inner, find) : inner] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
