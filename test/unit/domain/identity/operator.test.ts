import fc from "fast-check";
import { expect, test } from "vitest";
import {
  operatorStatus,
  requireOperatorName,
  requireServed,
} from "../../../../src/domain/identity/operator.ts";

test.each(["ab", "a1", "1a", "00", "a-b", "a--b", "acme-inc", "a".repeat(64)])(
  "takes %s as a name",
  (name) => {
    expect(() => requireOperatorName(name)).not.toThrow();
  },
);

test.each([
  "",
  "a",
  "-",
  "-a",
  "a-",
  "a".repeat(65),
  "Acme",
  "a b",
  "a_b",
  "a.b",
  "größe",
  "ab\n",
  " ab",
  "ab ",
])("refuses %j as a name", (name) => {
  expect(() => requireOperatorName(name)).toThrow(
    expect.objectContaining({ code: "INVALID_REQUEST", details: { field: "name" } }),
  );
});

test("takes as a name only what stands in a path or a command as it is", () => {
  const plain = [..."abcdefghijklmnopqrstuvwxyz0123456789-"];
  const letter = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("a", "z", "0", "9", "-") },
    { weight: 1, arbitrary: fc.constantFrom("A", "_", ".", "/", " ", "\n", "é", "\u0430") },
  );
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 6 }), (name) => {
      const isName =
        [...name].every((char) => plain.includes(char)) &&
        name.length >= 2 &&
        !name.startsWith("-") &&
        !name.endsWith("-");
      if (isName) expect(() => requireOperatorName(name)).not.toThrow();
      else expect(() => requireOperatorName(name)).toThrow();
    }),
  );
});

test.each([
  [null, null, "active"],
  [5, null, "suspended"],
  [null, 5, "deleted"],
  [5, 9, "deleted"],
  [0, null, "suspended"],
  [null, 0, "deleted"],
])("calls an operator suspended at %s and deleted at %s %s", (suspended, deleted, status) => {
  expect(operatorStatus({ suspended_at: suspended, deleted_at: deleted })).toBe(status);
});

test("serves an active operator, and hands it on as it came", () => {
  const operator = { id: "op_a", suspended_at: null, deleted_at: null };
  expect(requireServed(operator)).toBe(operator);
});

test("serves no suspended operator until the host resumes it", () => {
  expect(() => requireServed({ suspended_at: 5, deleted_at: null })).toThrow(
    expect.objectContaining({
      code: "FORBIDDEN",
      message: expect.stringContaining("suspended by this server's host"),
    }),
  );
});

test("serves no deleted operator, suspended before or not", () => {
  for (const suspended_at of [null, 5])
    expect(() => requireServed({ suspended_at, deleted_at: 9 })).toThrow(
      expect.objectContaining({
        code: "FORBIDDEN",
        message: "The operator was deleted by this server's host.",
      }),
    );
});
