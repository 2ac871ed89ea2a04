import { expect, test } from "vitest";
import { codeHint, isFenced, neverReturns } from "../../../../src/domain/runs/code-hints.ts";

test.each([
  ["javascript", "```js\nreturn 1;\n```", /fence/],
  ["python", "~~~\nreturn 1\n~~~", /fence/],
  ["javascript", "def main(input, prev):\n    return {}", /set runtime to "python"/],
  ["javascript", "from datetime import date\nreturn 1", /set runtime to "python"/],
  ["python", "const a = 1;\nreturn a;", /set runtime to "javascript"/],
  ["python", "  async function main() {}", /set runtime to "javascript"/],
  ["javascript", "import fs from 'node:fs';", /no modules/],
  ["javascript", "export default 1;", /no modules/],
  ["javascript", "const n: number = 1;", /TypeScript/],
  ["javascript", "interface Total { a: string }", /TypeScript/],
  ["javascript", "return {", undefined],
  ["python", "return {", undefined],
] as const)("tells in %s what %j was meant to be", (runtime, code, hint) => {
  if (hint === undefined) expect(codeHint(runtime, code)).toBeUndefined();
  else expect(codeHint(runtime, code)).toMatch(hint);
});

test("looks at the beginning of code only, whatever follows", () => {
  expect(codeHint("javascript", `${" \n".repeat(50_000)}def main(input):`)).toBeUndefined();
  expect(codeHint("python", `x = 1\n${"\n".repeat(99_000)}const a = 1;`)).toBeUndefined();
});

test("tells code that returns, refuses or throws from code that gives nothing", () => {
  for (const code of [
    "return 1;",
    'fail("no");',
    "throw new Error();",
    "raise ValueError()",
    "main = lambda i: i",
  ])
    expect(neverReturns(code), code).toBe(false);
  expect(neverReturns("const a = 1;")).toBe(true);
  expect(isFenced("\n  ```\nreturn 1;")).toBe(true);
});
