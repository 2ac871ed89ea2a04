import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeFit } from "../../../../src/domain/market/schema-fit.ts";
import { compileSchema } from "../../../../src/schemas/compile.ts";
import type { Json, JsonObject } from "../../../../src/shared/json.ts";

const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constantFrom<JsonObject>(
    { type: "string" },
    { type: "integer" },
    { type: "number" },
    { type: "null" },
    { type: ["string", "null"] },
    { type: ["integer", "string"] },
    { type: "string", maxLength: 1 },
    { type: "string", maxLength: 2 },
    { type: "number", minimum: 1 },
    { enum: ["a", "abc"] },
    { enum: ["a", 1, null] },
    { const: "a" },
    { const: 2.5 },
  ),
  fc.constant<JsonObject>({}),
);
const inner = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: leaf.map((items): JsonObject => ({ type: "array", items })) },
);

const objectOf = (more: JsonObject) =>
  fc.tuple(fc.dictionary(fc.constantFrom("a", "b"), inner), fc.subarray(["a", "b"])).map(
    ([properties, required]): JsonObject => ({
      type: "object",
      properties,
      required: required.filter((name) => name in properties),
      ...more,
    }),
  );

/** A given schema states all its values; a wanted one may leave room for more. */
const given = fc.oneof(inner, objectOf({ additionalProperties: false }));
const wanted = fc.oneof(inner, objectOf({}), objectOf({ additionalProperties: false }));

const scalar = fc.constantFrom<Json>(null, true, 0, 1, 2.5, "", "a", "abc");
const some = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }));
const value: fc.Arbitrary<Json> = fc.oneof(
  some,
  fc.dictionary(fc.constantFrom("a", "b"), some).map((fields): Json => ({ ...fields })),
);

const compiled = new Map<string, ReturnType<typeof compileSchema>>();
function checkOf(schema: JsonObject): ReturnType<typeof compileSchema> {
  const key = JSON.stringify(schema);
  const check = compiled.get(key) ?? compileSchema(schema);
  compiled.set(key, check);
  return check;
}

test("says that one schema fits another only if each of its values is a value of the other", () => {
  let sure = 0;
  fc.assert(
    fc.property(
      given,
      wanted,
      fc.array(value, { minLength: 30, maxLength: 30 }),
      (from, to, all) => {
        if (judgeFit(from, to).verdict !== "fits") return;
        sure++;
        const [isGiven, isWanted] = [checkOf(from), checkOf(to)];
        for (const one of all)
          if (isGiven(one).length === 0)
            expect({ one, problems: isWanted(one) }).toEqual({ one, problems: [] });
      },
    ),
    { numRuns: 200 },
  );
  expect(sure).toBeGreaterThan(9);
});

test("says of no schema that it does not fit itself", () => {
  fc.assert(
    fc.property(given, (schema) => {
      expect(judgeFit(schema, structuredClone(schema))).toEqual({ verdict: "fits", reasons: [] });
    }),
  );
});
