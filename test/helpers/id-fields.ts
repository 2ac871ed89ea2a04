import * as z from "zod";
import type { Operation } from "../../src/operations/define-operation.ts";
import { FIELD_MARKS } from "../../src/operations/field-marks.ts";

const { names: NAMES } = FIELD_MARKS;

/** A field of an operation's input that is marked with what it names. */
export interface IdField {
  /** Names from the outside in; `[]` stands for an item of an array. */
  readonly path: readonly string[];
  /** Prefix of the id, or "nothing". */
  readonly names: string;
}

interface Node {
  readonly [NAMES]?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
}

/** As they are named: what looks like an id has to say of what. */
const LIKE_AN_ID = /(?:^|_)(?:id|ids|jti|ref|token)$/;

/** Every marked field, at any depth. */
export function idFieldsOf(operation: Operation): IdField[] {
  return walk(schemaOf(operation), []).flatMap(({ path, node }) => {
    const { [NAMES]: names } = node;
    return names === undefined ? [] : [{ path, names }];
  });
}

/** Fields that are named like an id and say nothing of what they name. */
export function unmarkedIdsOf(operation: Operation): string[] {
  return walk(schemaOf(operation), [])
    .filter(
      ({ path, node }) => LIKE_AN_ID.test(path.at(-1) ?? "") && isText(node) && !(NAMES in node),
    )
    .map(({ path }) => path.join("."));
}

/**
 * The example of an operation with an id in one of its fields; what else such a field needs around
 * it is made up.
 */
export function exampleWith(
  operation: Operation,
  path: readonly string[],
  id: string,
): Record<string, unknown> {
  return put(schemaOf(operation), operation.example, path, id) as Record<string, unknown>;
}

function put(node: Node, before: unknown, [name, ...rest]: readonly string[], id: string): unknown {
  if (name === undefined) return id;
  if (name === "[]") return [put(node.items ?? {}, made(node.items ?? {}), rest, id)];
  const inner = node.properties?.[name] ?? {};
  const fields = Object(before ?? made(node)) as Record<string, unknown>;
  return { ...fields, [name]: put(inner, fields[name], rest, id) };
}

/** The least that a schema takes. */
function made(node: Node): unknown {
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  if (node.type === "object") {
    const needed = Object.entries(node.properties ?? {}).filter(([name]) =>
      node.required?.includes(name),
    );
    return Object.fromEntries(needed.map(([name, inner]) => [name, made(inner)]));
  }
  if (node.type === "array") return [];
  if (node.type === "integer" || node.type === "number") return node.minimum ?? 1;
  return node.type === "boolean" ? true : "x";
}

function walk(node: Node, path: readonly string[]): { path: readonly string[]; node: Node }[] {
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap((branch) =>
    walk(branch, path),
  );
  const items = node.items ? walk(node.items, [...path, "[]"]) : [];
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) =>
    walk(field, [...path, name]),
  );
  return [{ path, node }, ...branches, ...items, ...fields];
}

function isText({ type, items }: Node): boolean {
  return type === "string" || (type === "array" && items?.type === "string" && !(NAMES in items));
}

function schemaOf({ input }: Operation): Node {
  return z.toJSONSchema(input, { io: "input" }) as Node;
}
