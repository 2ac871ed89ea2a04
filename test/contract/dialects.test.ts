import { describe, expect, test } from "vitest";
import { toolList } from "../../src/faces/mcp/tools/tool-list.ts";
import { schemaOf } from "../../src/operations/as-meant.ts";
import { FIELD_MARKS } from "../../src/operations/field-marks.ts";
import type { SchemaNode } from "../../src/operations/flat-schema.ts";
import { OPERATIONS } from "../../tools/registry.ts";

/** The changes that clients were seen to make to schemas, each of which has to lose nothing. */

const listed = OPERATIONS.filter(({ mcp }) => mcp !== false);
const schemas = listed.map((operation) => {
  const [tool] = toolList([operation]);
  return [operation.name, tool?.inputSchema as SchemaNode, schemaOf(operation)] as const;
});

type Visit = (node: SchemaNode, path: string) => void;

function walk(node: SchemaNode, visit: Visit, path = ""): void {
  visit(node, path);
  for (const [name, field] of Object.entries(node.properties ?? {}))
    walk(field, visit, `${path}.${name}`);
  if (node.items !== undefined) walk(node.items as SchemaNode, visit, `${path}[]`);
}

function at(node: SchemaNode, path: string): SchemaNode | undefined {
  let found: SchemaNode | undefined = node;
  for (const part of path.match(/\.\w+|\[\]/g) ?? []) {
    found = part === "[]" ? (found?.items as SchemaNode) : found?.properties?.[part.slice(1)];
  }
  return found;
}

describe.each(schemas)("%s", (name, shown, contract) => {
  test("keeps every value's type and every list's items for a client that drops others", () => {
    walk(shown, ({ type, enum: values, items }, path) => {
      expect([path, type ?? values]).not.toEqual([path, undefined]);
      if (type === "array")
        expect([path, Object.keys(Object(items)).length > 0]).toEqual([path, true]);
    });
  });

  test("says bounds and defaults in words for clients that drop the keywords", () => {
    const unshown: string[] = [];
    walk(contract, (node, path) => {
      if (FIELD_MARKS.unshown in node) unshown.push(path);
      if (unshown.some((hidden) => path === hidden || path.startsWith(`${hidden}.`))) return;
      const told = String(at(shown, path)?.description);
      const { minimum, maximum, maxLength, default: standard } = node;
      if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER)
        expect([path, told]).toEqual([path, expect.stringContaining(String(maximum))]);
      if (minimum !== undefined && minimum !== -Number.MAX_SAFE_INTEGER)
        expect([path, told]).toEqual([path, expect.stringContaining(String(minimum))]);
      if (typeof standard === "string" || typeof standard === "number") {
        expect([path, told]).toEqual([path, expect.stringContaining(`default ${standard}`)]);
      }
      if (node.pattern !== undefined)
        expect([path, told.replace(/\([^()]*\)$/, "").trim()]).not.toEqual([path, ""]);
      const isWritten =
        node[FIELD_MARKS.names] === undefined && node[FIELD_MARKS.copied] === undefined;
      if (
        isWritten &&
        typeof maxLength === "number" &&
        maxLength <= 1_000 &&
        node.enum === undefined
      ) {
        expect([path, told]).toEqual([path, expect.stringContaining(`${maxLength} characters`)]);
      }
    });
  });

  test("has no branch, constant or boolean schema for clients that merge or refuse them", () => {
    walk(shown, (node, path) => {
      for (const keyword of ["oneOf", "anyOf", "allOf", "not", "if", "const", "$ref"]) {
        expect([path, keyword in node]).toEqual([path, false]);
      }
      expect([path, typeof node]).toEqual([path, "object"]);
    });
  });

  test("goes through a conversion that closes objects, requires fields and sends null", () => {
    const open = new Set([
      "input",
      "example_input",
      "output",
      "input_schema",
      "output_schema",
      "arguments",
      "desired_input_schema",
      "desired_output_schema",
      "refusals",
    ]);
    walk(shown, (node, path) => {
      if (node.type !== "object" || node.properties !== undefined) return;
      // What is open to any JSON is what the caller's own words are about.
      expect([path, open.has(path.split(".").at(-1) ?? "")]).toEqual([path, true]);
    });
    if (Object.keys(shown.properties ?? {}).length === 0)
      expect(shown.additionalProperties).toBe(false);
  });

  test("has a name that a client can put its server's before", () => {
    expect(`mcp__stack__${name}`.length).toBeLessThanOrEqual(64);
    expect(name).toMatch(/^[a-z_]+$/);
  });
});
