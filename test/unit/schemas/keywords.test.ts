import { expect, test } from "vitest";
import { schemaDoubt } from "../../../src/schemas/keywords.ts";
import type { Json } from "../../../src/shared/json.ts";

test.each<[Json, RegExp | undefined]>([
  [{ text: "string", amount: "number" }, /none of its words.*text, amount.*properties/],
  [{ type: "object" }, undefined],
  [{ title: "x", text: "string" }, undefined],
  [{}, undefined],
  [true, undefined],
])("doubts a schema none of whose words is known: %j", (schema, doubt) => {
  if (doubt) expect(schemaDoubt(schema)).toMatch(doubt);
  else expect(schemaDoubt(schema)).toBeUndefined();
});
