import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../helpers/root.ts";
import { type House, measureHouse } from "../measure/house.ts";

const RULES = {
  "an import that runs back up between rooms": ({ backArrows }) => backArrows,
  "files that import each other, by a type import too": ({ fileCycles }) => fileCycles,
  "a file of more than 300 lines": ({ longFiles }) => longFiles,
  "a function of more than 70 lines": ({ longFunctions }) => longFunctions,
  "a function of more than 4 parameters": ({ crowdedFunctions }) => crowdedFunctions,
  "a doc comment that begins with a question word": ({ questions }) => questions,
  "a conditional within a conditional": ({ nestedTernaries }) => nestedTernaries,
} as const satisfies Record<string, (house: House) => readonly string[]>;

const house = measureHouse(root);

test.each(Object.entries(RULES))("has nowhere %s", (_, found) => {
  expect(found(house)).toEqual([]);
});

test("has at most 1.5 % of lines over 100 characters", () => {
  expect(house.files.count).toBeGreaterThan(400);
  expect(house.longLines.length / house.lines).toBeLessThanOrEqual(0.015);
});

const LONG = Array.from({ length: 71 }, () => "  void 0;").join("\n");

const BREACHES: Readonly<Record<keyof typeof RULES, Readonly<Record<string, string>>>> = {
  "an import that runs back up between rooms": {
    "src/services/wallet/a.ts": 'import "../skills/b.ts";',
    "src/services/skills/b.ts": "export {};",
    "src/services/skills/c.ts": 'import "../wallet/d.ts";',
    "src/services/wallet/d.ts": "export {};",
  },
  "files that import each other, by a type import too": {
    "src/shared/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;',
    "src/shared/b.ts": 'import type { A } from "./a.ts";\nexport type B = A | 1;',
  },
  "a file of more than 300 lines": { "storage/a.ts": "export {};\n".repeat(301) },
  "a function of more than 70 lines": { "tools/a.ts": `export function a() {\n${LONG}\n}` },
  "a function of more than 4 parameters": {
    "src/faces/a.ts": "export const a = (b, c, d, e, f) => [b, c, d, e, f];",
  },
  "a doc comment that begins with a question word": {
    "src/domain/a.ts": "/** What it is. */\nexport const a = 1;",
  },
  "a conditional within a conditional": {
    "src/bin/a.ts": "export const a = (x: number) => (x > 1 ? 1 : x > 0 ? 2 : 3);",
  },
};

test.each(Object.entries(BREACHES))("finds %s", (rule, files) => {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-house-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  const measured = measureHouse(folder);
  const hits = Object.entries(RULES).filter(([, found]) => found(measured).length > 0);
  expect(hits.map(([name]) => name)).toEqual([rule]);
});
