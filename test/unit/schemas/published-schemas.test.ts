import { readdirSync, readFileSync } from "node:fs";
import * as draft04 from "@hyperjump/json-schema/draft-04";
import * as draft07 from "@hyperjump/json-schema/draft-07";
import * as draft2020 from "@hyperjump/json-schema/draft-2020-12";
import { describe, expect, test } from "vitest";
import { compileSchema } from "../../../src/schemas/compile.ts";
import { dialectOf } from "../../../src/schemas/dialects.ts";
import { HOLDS_BY_NAME } from "../../../src/schemas/keywords.ts";
import type { Json, JsonObject } from "../../../src/shared/json.ts";
import { type Dice, instanceOf } from "../../helpers/instances.ts";

/** Schemas that others have published, and what becomes of them. */
const folder = new URL("../../fixtures/vectors/schemas/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const INSTANCES = 40;

/** Exact: a schema that is accepted has to leave the list. `file: why`. */
const REFUSED = new Map(
  readFileSync(new URL("../../schemas-refused.txt", folder), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(": ", 2) as [string, string]),
);

function schemaIn(file: string): JsonObject {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8")) as JsonObject;
}

function problemOf(file: string): string | undefined {
  try {
    compileSchema(schemaIn(file));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test("accepts at least 85 % unchanged, and says why and what to do for the others", () => {
  const refused = files.flatMap((file) => {
    const problem = problemOf(file);
    return problem === undefined ? [] : [[file, problem] as const];
  });
  expect(1 - refused.length / files.length).toBeGreaterThanOrEqual(0.85);
  expect(refused.map(([file]) => file)).toEqual([...REFUSED.keys()]);
  for (const [file, problem] of refused) {
    expect([file, problem]).toEqual([
      file,
      expect.stringContaining(REFUSED.get(file) ?? "nothing"),
    ]);
    expect(problem).toMatch(/\/|references/);
    expect(problem).toMatch(/: (put|write)|; (write|correct)/);
  }
});

/**
 * References of definitions that nothing uses, to definitions that are not there: the reference
 * validator resolves them before anything is held against the schema.
 */
const DANGLING: ReadonlyMap<string, readonly string[]> = new Map([
  ["base-04.json", ["osi-license", "timezone"]],
]);

const REFERENCES = { "draft-04": draft04, "draft-07": draft07, "2020-12": draft2020 } as const;

describe("the schemas that are accepted", () => {
  const seen = { fits: 0, misfits: 0 };

  test.each(files.filter((file) => !REFUSED.has(file)))(
    "enforces %s as a reference validator of its draft does",
    async (file) => {
      const schema = withoutFormats(schemaIn(file)) as JsonObject;
      const dialect = dialectOf(schema) as keyof typeof REFERENCES;
      const { registerSchema, unregisterSchema, validate } = REFERENCES[dialect];
      const uri = new URL(
        String(schema.$id ?? schema.id ?? file),
        "https://schemas.test/",
      ).href.replace(/#$/, "");
      const register = (one: JsonObject, name: string) =>
        registerSchema(one as never, name, NAMES[dialect]);
      register(referable(schema), uri);
      for (const name of DANGLING.get(file) ?? []) register({}, new URL(name, uri).href);
      const reference = await validate(uri);
      const ours = compileSchema(schema);
      const dice = seeded(file.length * 7_919);
      for (let i = 0; i < INSTANCES; i++) {
        const value = instanceOf(schema, schema, dice);
        const verdict = reference(value as never).valid;
        seen[verdict ? "fits" : "misfits"]++;
        expect([JSON.stringify(value), ours(value).length === 0]).toEqual([
          JSON.stringify(value),
          verdict,
        ]);
      }
      unregisterSchema(uri);
    },
  );

  test("reaches both verdicts", () => {
    expect(seen.fits).toBeGreaterThan(500);
    expect(seen.misfits).toBeGreaterThan(500);
  });
});

/** In an old draft a root that is a reference has nothing beside it, not even definitions. */
function referable({ $ref, ...schema }: JsonObject): JsonObject {
  return $ref === undefined ? schema : { ...schema, allOf: [{ $ref }] };
}

const NAMES = {
  "draft-04": "http://json-schema.org/draft-04/schema#",
  "draft-07": "http://json-schema.org/draft-07/schema#",
  "2020-12": "https://json-schema.org/draft/2020-12/schema",
} as const;

/** `format` is asserted here, and an annotation to the reference: it has tests of its own. */
function withoutFormats(node: Json | undefined, isNames = false): Json | undefined {
  if (Array.isArray(node)) return node.map((one: Json) => withoutFormats(one) as Json);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) => isNames || key !== "format" || typeof value !== "string",
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [key, withoutFormats(value, !isNames && HOLDS_BY_NAME.has(key))]),
  );
}

function seeded(seed: number): Dice {
  let state = seed >>> 0;
  return {
    roll(sides) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    },
  };
}
