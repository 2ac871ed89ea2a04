import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { instructionsFor } from "../../src/faces/mcp/prompts/instructions.ts";
import { toolList } from "../../src/faces/mcp/tools/tool-list.ts";
import { FIELD_MARKS } from "../../src/operations/field-marks.ts";
import { AGENT_RIGHTS, fitted, profileOf } from "../../src/operations/profile.ts";
import { jsonSchemaOf, toolSchema } from "../../src/operations/tool-schema.ts";
import { OPERATIONS } from "../../tools/registry.ts";

const TOKEN_BUDGET = 3_500;
const BYTES_PER_TOKEN = 4;

interface Shown {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly items?: Shown;
  readonly anyOf?: readonly Shown[];
  readonly oneOf?: readonly Shown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly [FIELD_MARKS.absent]?: "less" | "more" | "stays";
}

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  "%s",
  (name, operation) => {
    test("has a name for clients, a title, and a description of what comes back or next", () => {
      expect(name).toMatch(/^stack_[a-z]+(?:_[a-z]+)*$/);
      expect(name.length).toBeLessThanOrEqual(40);
      expect(operation.title).toMatch(/^[A-Z]/);
      expect(operation.description.length).toBeGreaterThan(40);
      expect(operation.description.length).toBeLessThan(400);
    });

    test("names in its description only tools that exist", () => {
      const names = OPERATIONS.map((one) => one.name as string);
      for (const mentioned of operation.description.match(/stack_[a-z_]+/g) ?? [])
        expect(names).toContain(mentioned);
    });

    test("bounds every input", () => {
      expect(unbounded(jsonSchemaOf(operation.input, "input") as Shown, "")).toEqual([]);
    });

    test("refuses a field that it does not know", () => {
      const result = operation.input.safeParse({ ...operation.example, no_such_field: 1 });
      expect(result.success).toBe(false);
      expect(JSON.stringify(result.error?.issues)).toContain("no_such_field");
    });

    test("has an example that its own schema takes", () => {
      const canonical = operation.normalise
        ? operation.normalise(operation.example)
        : operation.example;
      expect(operation.input.safeParse(canonical)).toMatchObject({ success: true });
    });

    test("lists what it returns, as an object", () => {
      const output = toolSchema(operation.output, "output") as Shown;
      expect(output.type).toBe("object");
      const givesBackAnothers = /^stack_run_(?:read|write)$/.test(name);
      expect(Object.keys(output.properties ?? {}).length > 0).toBe(!givesBackAnothers);
    });

    test("states all four hints where it is a tool, and reads on GET only", () => {
      const { mcp, rest } = operation;
      if (rest && rest.method === "GET") expect(mcp).toMatchObject({ readOnlyHint: true });
      if (mcp === false) return expect(rest).not.toBe(false);
      expect(Object.keys(mcp).sort()).toEqual([
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
        "readOnlyHint",
      ]);
    });

    test("takes an idempotency_key exactly when it says so", () => {
      expect("idempotency_key" in operation.input.shape).toBe(operation.idempotency !== "none");
      expect("repeat" in operation.input.shape).toBe(operation.idempotency === "default");
    });

    test("takes an idempotency_key if it moves money or starts work", () => {
      const movesMoney =
        /invoke_skill|(?:claim|complete|fail|cancel|renew|approve|deny)_invocation|topup|refund|subscribe|start_mission/.test(
          name,
        );
      if (movesMoney) expect(operation.idempotency).not.toBe("none");
    });

    test("says of every field that may be left out what that means", () => {
      expect(unsaid(z.toJSONSchema(operation.input, { io: "input" }) as Shown, "")).toEqual([]);
    });

    test("is shown flat, because clients lose branches, and takes its example so", () => {
      const schema = toolSchema(operation.input, "input");
      expect(JSON.stringify(schema)).not.toMatch(/"(?:oneOf|anyOf|allOf|const|\$ref|not|if)":/);
      const canonical = operation.normalise
        ? operation.normalise(operation.example)
        : operation.example;
      const validate = new Ajv2020({ strict: false }).compile(schema);
      expect([validate(canonical), validate.errors]).toEqual([true, null]);
    });

    test("has the schema that it had", () => {
      expect(toolSchema(operation.input, "input")).toMatchSnapshot();
    });
  },
);

test("gives every operation a name and a route of its own", () => {
  const routes = OPERATIONS.flatMap(({ rest }) => (rest ? [`${rest.method} ${rest.path}`] : []));
  expect(new Set(OPERATIONS.map(({ name }) => name)).size).toBe(OPERATIONS.length);
  expect(new Set(routes).size).toBe(routes.length);
});

test("keeps tools/list in its budget of tokens", () => {
  const core = OPERATIONS.filter(({ toolset }) => toolset === "core");
  const shown = toolList(core).map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  expect(Buffer.byteLength(JSON.stringify(shown)) / BYTES_PER_TOKEN).toBeLessThan(TOKEN_BUDGET);
});

test.each([
  ["an operator", profileOf(OPERATIONS)],
  ["an agent", fitted(profileOf(OPERATIONS), AGENT_RIGHTS)],
  ["an operator that only reads", profileOf(OPERATIONS, { readOnly: true })],
  ["a key that reads", fitted(profileOf(OPERATIONS), { scopes: ["skills:read"], isAgent: false })],
])("instructs %s in at most 1 kB, and names only tools that it may use", (_who, profile) => {
  const told = instructionsFor(profile);
  expect(Buffer.byteLength(told)).toBeLessThanOrEqual(1_024);
  const names = profile.usable.map(({ name }) => name as string);
  for (const told_of of ["stack_browse_skills", "stack_find_tools"])
    expect(told).toContain(told_of);
  for (const mentioned of told.match(/stack_[a-z_]+/g) ?? []) expect(names).toContain(mentioned);
});

test("shows an agent the core tools that it may use, and no others", () => {
  const { listed, usable } = fitted(profileOf(OPERATIONS), AGENT_RIGHTS);
  expect(listed.map(({ name }) => name)).toEqual([
    "stack_browse_skills",
    "stack_get_skill",
    "stack_check_trust_level",
    "stack_quote_skill",
    "stack_invoke_skill",
    "stack_check_invocation",
    "stack_cancel_invocation",
    "stack_get_balance",
    "stack_find_tools",
    "stack_run_read",
    "stack_run_write",
  ]);
  for (const { audience, scope, agentScope, name } of usable)
    expect([
      name,
      audience === "anyone" || AGENT_RIGHTS.scopes.includes(agentScope ?? scope),
    ]).toEqual([name, true]);
});

/** Paths of strings, numbers and arrays without an upper bound. */
function unbounded(schema: Shown, path: string): string[] {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (branches.length > 0) return branches.flatMap((branch) => unbounded(branch, path));
  if (schema.enum || schema.const !== undefined) return [];
  if (schema.type === "string" && schema.maxLength === undefined) return [path];
  if ((schema.type === "integer" || schema.type === "number") && schema.maximum === undefined)
    return [path];
  const list = schema.type === "array" && schema.maxItems === undefined ? [path] : [];
  const inner = schema.items ? unbounded(schema.items, `${path}[]`) : [];
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    unbounded(field, `${path}.${name}`),
  );
  return [...list, ...inner, ...fields];
}

/**
 * Paths of optional fields that neither have a default nor say what their absence means; money says
 * it in any case.
 */
function unsaid(schema: Shown, path: string): string[] {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((branch) =>
    unsaid(branch, path),
  );
  const inner = schema.items ? unsaid(schema.items, `${path}[]`) : [];
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    const isSaid = field[FIELD_MARKS.absent] !== undefined;
    const isPlain = field.default !== undefined && !/cents|price/.test(name);
    const isMissing = !schema.required?.includes(name) && !isSaid && !isPlain;
    return [...(isMissing ? [at] : []), ...unsaid(field, at)];
  });
  return [...branches, ...inner, ...fields];
}
