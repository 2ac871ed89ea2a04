import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeRefusal } from "../../../../src/domain/market/refusal.ts";

const declared = { odd: "The number is odd.", empty: "" };
const sealed = { declared, takesAny: false };
const open = { declared, takesAny: true };

test("hands a declared code on with its sentence", () => {
  for (const rules of [sealed, open])
    expect(judgeRefusal("odd", rules)).toEqual({
      verdict: "refused",
      refusal: { code: "odd", sentence: "The number is odd." },
    });
});

test("takes a code with an empty sentence for declared", () => {
  expect(judgeRefusal("empty", sealed)).toMatchObject({
    verdict: "refused",
    refusal: { sentence: "" },
  });
});

test.each(["even", "", "ODD", "odd ", "toString", "__proto__", "constructor"])(
  "calls %j, which is not declared, an error of the script",
  (said) => {
    expect(judgeRefusal(said, sealed)).toEqual({
      verdict: "script_error",
      guestMessage:
        `fail("${said}"): refusals declares no such code. ` +
        "Add it there, with a sentence for buyers",
      cause: "The script called fail with a code that its refusals do not declare.",
    });
  },
);

test("takes any text where the code is open to all", () => {
  expect(judgeRefusal("too many rows: 9", open)).toEqual({
    verdict: "refused",
    guestMessage: "too many rows: 9",
  });
  expect(judgeRefusal("", { declared: {}, takesAny: true })).toEqual({
    verdict: "refused",
    guestMessage: "",
  });
});

test("shows of an undeclared code 64 characters, and writes out what is not plain", () => {
  const shown = (said: string) => {
    const judged = judgeRefusal(said, sealed);
    return "guestMessage" in judged ? judged.guestMessage : "";
  };
  expect(shown("x".repeat(64))).toContain(`fail("${"x".repeat(64)}"): `);
  expect(shown("x".repeat(65))).toContain(`fail("${"x".repeat(64)}"): `);
  expect(shown('a"\n')).toContain('fail("a\\"\\n"): ');
  expect(shown(`${"x".repeat(63)}😀`)).toContain(`fail("${"x".repeat(63)}\ufffd"): `);
});

test("writes half characters as Unicode can", () => {
  expect(judgeRefusal("a\ud83d", open)).toEqual({ verdict: "refused", guestMessage: "a\ufffd" });
});

test("lets nothing of what a sealed script says reach a buyer", () => {
  fc.assert(
    fc.property(fc.string(), (said) => {
      const judged = judgeRefusal(said, sealed);
      expect(judged.verdict === "refused").toBe(Object.hasOwn(declared, said));
    }),
  );
});
