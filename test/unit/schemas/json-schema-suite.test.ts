import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileSchema, UnsupportedSchemaError } from "../../../src/schemas/compile.ts";
import type { Json } from "../../../src/shared/json.ts";

interface Group {
  readonly description: string;
  readonly schema: Json;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const folder = new URL("../../fixtures/vectors/json-schema/", import.meta.url);

const DRAFTS = [
  ["draft7", "http://json-schema.org/draft-07/schema#", 890],
  ["draft2019-09", "https://json-schema.org/draft/2019-09/schema", 1_140],
  ["draft2020-12", "https://json-schema.org/draft/2020-12/schema", 1_150],
] as const;

/**
 * The reason a required group is refused: remote references, or a bound. All others are judged as
 * the suite says.
 */
const REFUSED: Readonly<Record<string, RegExp>> = {
  "remote references are not followed, nor metaschemas that are remote":
    /leads outside the schema|names a dialect/,
  "parts that refer to each other by $id are not followed": /refers to parts by \$id/,
  "where a reference leads may not depend on the way to it":
    /\$(?:dynamic|recursive)Ref is not supported/,
  "the name __proto__ is not taken": /__proto__ is not a name/,
  "what the validator would misjudge is not accepted":
    /unevaluated\w+ (?:beside|in a schema that has) .* is not supported/,
};

/** `format` is asserted here, in every dialect. */
const ASSERTED =
  /^format\.json: (?:date|date-time|time|duration|email|hostname|ipv4|ipv6|json-pointer|uri|uri-reference|uuid) format: .* annotation by default$/;

describe.each(DRAFTS)("the JSON Schema test suite, %s", (draft, dialect, most) => {
  const seen = { judged: 0 };
  const within = new URL(`${draft}/`, folder);
  for (const file of readdirSync(within).filter((name) => name.endsWith(".json"))) {
    const groups = JSON.parse(readFileSync(new URL(file, within), "utf8")) as Group[];
    test(`judges ${file} as the suite does`, () => {
      for (const group of groups)
        judge(file, { ...group, schema: inDialect(group.schema, dialect) }, seen);
    });
  }
  test("judges most of it", () => {
    expect(seen.judged).toBeGreaterThan(most);
  });
});

function inDialect(schema: Json, dialect: string): Json {
  return typeof schema === "object" && schema !== null ? { $schema: dialect, ...schema } : schema;
}

function judge(file: string, group: Group, seen: { judged: number }): void {
  let validate: ReturnType<typeof compileSchema>;
  try {
    validate = compileSchema(group.schema);
  } catch (error) {
    expect(error, `${file}: ${group.description}`).toBeInstanceOf(UnsupportedSchemaError);
    const known = Object.values(REFUSED).some((reason) => reason.test((error as Error).message));
    expect(known, `${file}: ${group.description}: ${(error as Error).message}`).toBe(true);
    return;
  }
  for (const { description, data, valid } of group.tests) {
    seen.judged++;
    const actual = validate(data).length === 0;
    const name = `${file}: ${group.description}: ${description}`;
    const expected = ASSERTED.test(name) ? !valid : valid;
    if (actual !== expected) expect.soft({ name, actual }).toEqual({ name, actual: expected });
  }
}
