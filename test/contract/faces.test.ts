import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { OPERATIONS } from "../../tools/registry.ts";
import { root } from "../helpers/root.ts";

const names = new Set<string>(OPERATIONS.map(({ name }) => name));

test("finds no face that treats an operation in its own way: the operation says it all", () => {
  const files = globSync("src/faces/**/*.ts", { cwd: root }).sort();
  expect(files.length).toBeGreaterThan(50);
  expect(
    files.flatMap((file) => decisionsIn(file, readFileSync(`${root}${file}`, "utf8"))),
  ).toEqual([]);
});

test.each([
  ["compares a name", 'if (name === "stack_topup") pay();'],
  ["switches on a name", 'switch (name) { case "stack_topup": pay(); }'],
  ["keeps names in a list", 'const special = ["stack_topup"];'],
  ["keeps a table by name", 'const special = { "stack_topup": pay };'],
  ["keeps a table with names", 'const special = { pay: { tool: "stack_topup" } };'],
  ["keeps a set of names", 'const special = new Set(["stack_topup"]);'],
  ["matches names", "if (/^stack_(?:topup|refund)/.test(name)) pay();"],
])("finds a face that %s", (_, text) => {
  expect(decisionsIn("planted.ts", text)).toHaveLength(1);
});

test("lets a face call an operation, and name one in a sentence", () => {
  const text = 'await session.read("stack_topup", {}); say("Then call stack_topup.");';
  expect(decisionsIn("planted.ts", text)).toEqual([]);
});

/** Places where a name decides: in a comparison, a case, a list, a table or a pattern. */
function decisionsIn(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isName = ts.isStringLiteralLike(node) && names.has(node.text) && decides(node.parent);
    const isPattern = ts.isRegularExpressionLiteral(node) && node.text.includes("stack_");
    if (isName || isPattern) {
      found.push(
        `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText()}`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function decides(parent: ts.Node): boolean {
  return (
    ts.isBinaryExpression(parent) ||
    ts.isCaseClause(parent) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isPropertyAssignment(parent)
  );
}
