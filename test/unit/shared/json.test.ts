import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalJson,
  digestOf,
  HostileJsonError,
  type Json,
  jsonProblem,
  parseHostileJson,
} from "../../../src/shared/json.ts";
import { measure, measureText, payloadOf } from "../../../src/shared/payload.ts";

const vectors = new URL("../../fixtures/vectors/jcs/", import.meta.url);

test.each(readdirSync(new URL("input/", vectors)))(
  "gives RFC 8785 vector %s its canonical form",
  (name) => {
    const input = JSON.parse(readFileSync(new URL(`input/${name}`, vectors), "utf8"));
    expect(canonicalJson(input)).toBe(readFileSync(new URL(`output/${name}`, vectors), "utf8"));
  },
);

test("digests equal values equally, whatever the order of their keys", () => {
  expect(digestOf({ a: 1, b: [2, { d: 4, c: 3 }] })).toBe(
    digestOf({ b: [2, { c: 3, d: 4 }], a: 1 }),
  );
  expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: "1" }));
});

test("gives no canonical form to what JSON cannot say", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "\ud800"]) {
    expect(() => canonicalJson({ value: [value] })).toThrow();
  }
});

test("bounds hostile JSON before anything recursive sees it", () => {
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  expect(parseHostileJson(deep(100), 100)).toBeDefined();
  expect(() => parseHostileJson(deep(101), 100)).toThrow(HostileJsonError);
  expect(() => parseHostileJson(deep(1_000_000), 100)).toThrow(HostileJsonError);
  expect(() => parseHostileJson("[")).toThrow(HostileJsonError);
  expect(parseHostileJson(`"${"[".repeat(500)}\\"["`, 3)).toBe(`${"[".repeat(500)}"[`);
});

test("drops a __proto__ key, which changes no prototype", () => {
  const parsed = parseHostileJson('{"a":1,"__proto__":{"polluted":true}}') as Record<
    string,
    unknown
  >;
  expect(Object.keys(parsed)).toEqual(["a"]);
  expect(parsed.polluted).toBeUndefined();
});

test("counts depth in containers, and requires text to be Unicode", () => {
  expect(jsonProblem([[1]], 2)).toBeUndefined();
  expect(jsonProblem([[[1]]], 2)).toMatchObject({ rule: expect.stringContaining("deeper than 2") });
  expect(jsonProblem("text", 0)).toBeUndefined();
  expect(jsonProblem({ a: ["\ud800"] }, 9)).toMatchObject({
    path: "a.0",
    rule: expect.stringContaining("Unicode"),
  });
  expect(jsonProblem({ in: { "\udfff": 1 } }, 9)).toMatchObject({ path: "in", kind: "unicode" });
});

test("writes a payload down once, with its size and the digest of its canonical form", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      const payload = payloadOf(measure(value as Json));
      expect(payload).toEqual({
        value,
        json,
        bytes: Buffer.byteLength(json),
        digest: digestOf(value),
      });
      expect(payloadOf(measureText(json)).digest).toBe(payload.digest);
    }),
  );
});

test.each([
  ["9007199254740993", "digits"],
  ["-9007199254740992", "digits"],
  ["12345678901234567890", "digits"],
  ["1e400", "digits"],
  ["9007199254740991", undefined],
  ["1e21", undefined],
  ["1.5e300", undefined],
  ["0.1", undefined],
  ["-0", undefined],
])("keeps the number %s as it was written, or rejects it", (text, kind) => {
  const value = JSON.parse(`{"a":[{"n":${text}}]}`);
  expect(jsonProblem(value, 9)?.kind).toBe(kind);
  if (kind) expect(jsonProblem(value, 9)?.path).toBe("a.0.n");
});

test("allows large numbers where measures are held, and nothing else unsound", () => {
  const schema = { maximum: 2 ** 63, minimum: -(2 ** 63) };
  expect(jsonProblem({ schema }, 9, ["schema"])).toBeUndefined();
  expect(jsonProblem({ schema }, 9)).toMatchObject({ path: "schema.maximum" });
  expect(jsonProblem({ schema: { maximum: Infinity } }, 9, ["schema"])).toMatchObject({
    path: "schema.maximum",
  });
  expect(jsonProblem({ schema, other: 2 ** 63 }, 9, ["schema"])).toMatchObject({ path: "other" });
});
