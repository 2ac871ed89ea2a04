import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { flatSchema, type SchemaNode } from "../../../src/operations/flat-schema.ts";

const text = (max: number) => z.string().max(max);
const KINDS = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("a"),
    label: text(5).optional(),
    code: text(9).describe("What runs"),
    n: z.int().min(1),
  }),
  z.object({ type: z.literal("b"), label: text(5).optional(), name: text(3).regex(/^x/) }),
  z.object({ type: z.literal("c"), name: text(8).optional(), mode: z.enum(["p", "q"]) }),
]);

function flat(schema: z.ZodType): SchemaNode {
  return flatSchema(z.toJSONSchema(schema, { io: "input" }) as SchemaNode);
}

test("merges kinds of an object, whose fields say which kinds they are for", () => {
  expect(flat(KINDS)).toMatchObject({
    type: "object",
    required: ["type"],
    properties: {
      type: { type: "string", enum: ["a", "b", "c"] },
      label: { type: "string", maxLength: 5, description: "a, b" },
      code: { type: "string", description: "a, required: What runs" },
      name: { type: "string", maxLength: 8, description: "b, c" },
      mode: { enum: ["p", "q"], description: "c, required" },
    },
  });
  expect(flat(KINDS).properties?.name).not.toHaveProperty("pattern");
});

test.each([
  [
    "gives two types to what may be null",
    z.string().max(3).nullable(),
    { type: ["string", "null"], maxLength: 3 },
  ],
  [
    "shows an object or a switch as an object",
    z.union([z.record(z.string(), z.unknown()), z.boolean()]),
    { type: "object" },
  ],
  [
    "shows one of several texts as a text",
    z.union([text(4).regex(/^a/), z.literal("*")]),
    { type: "string", maxLength: 4 },
  ],
  ["shows a literal as a list of one", z.literal("x"), { type: "string", enum: ["x"] }],
])("%s", (_, schema, expected) => {
  expect(flat(schema)).toMatchObject(expected);
  expect(JSON.stringify(flat(z.object({ deep: z.array(schema) })))).not.toMatch(
    /anyOf|oneOf|const/,
  );
});

test("takes with the flat object whatever the kinds take", () => {
  const validate = new Ajv2020({ strict: false }).compile(flat(KINDS));
  const some = fc.oneof(
    fc.record({
      type: fc.constant("a"),
      label: fc.string({ maxLength: 5 }),
      code: fc.string({ maxLength: 9 }),
      n: fc.integer({ min: 1 }),
    }),
    fc.record({ type: fc.constant("b"), name: fc.constantFrom("x", "xy", "xyz") }),
    fc.record({
      type: fc.constant("c"),
      name: fc.string({ maxLength: 8 }),
      mode: fc.constantFrom("p", "q"),
    }),
  );
  fc.assert(
    fc.property(some, (value) => {
      fc.pre(KINDS.safeParse(value).success);
      expect(validate(value)).toBe(true);
    }),
  );
});
