import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../helpers/root.ts";

/** Sites that decide for the instance; docs/adr/0021 says why. */
const FOR_THE_INSTANCE: Readonly<Record<string, number>> = {
  "src/services/signing-keys/signing-key-service.ts": 2,
};

/**
 * Sites that decide for nobody: leases, announcements, what is spent or marked once. docs/adr/0021
 * says why.
 */
const FOR_NOBODY: Readonly<Record<string, number>> = {
  "src/services/invocations/run/lease-keeper.ts": 1,
  "src/services/pages/server-directory.ts": 2,
  "src/services/auth/token-authenticator.ts": 1,
  "src/services/receipts/receipt-service.ts": 1,
  "src/services/wallet/checkout-service.ts": 1,
  "src/services/wallet/topup-service.ts": 1,
  "src/services/with-lease.ts": 2,
};

interface Site {
  readonly at: string;
  readonly file: string;
  readonly gates: ts.Expression | undefined;
  readonly work: ts.Expression | undefined;
}

const files = globSync("src/**/*.ts", { cwd: root }).sort();
const sources = files.map((file) =>
  ts.createSourceFile(file, readFileSync(`${root}${file}`, "utf8"), ts.ScriptTarget.Latest, true),
);
const sites = sources.flatMap(sitesIn);

test("names at each transaction itself the operators it decides for, at most two", () => {
  expect(sites.length).toBeGreaterThan(50);
  const unclear = sites.filter(({ gates }) => {
    if (!gates || !ts.isArrayLiteralExpression(gates)) return true;
    return gates.elements.length > 2 || gates.elements.some(ts.isSpreadElement);
  });
  expect(unclear.map(({ at }) => at)).toEqual([]);
});

test("decides for the instance, or for nobody, only where an ADR names it", () => {
  const count = (is: (gates: readonly string[]) => boolean) => {
    const found = sites.filter(({ gates }) => gates && is(elementsOf(gates)));
    return Object.fromEntries(
      [...Map.groupBy(found, ({ file }) => file)].map(([file, of]) => [file, of.length]),
    );
  };
  expect(count((gates) => gates.some((gate) => /instance/i.test(gate)))).toEqual(FOR_THE_INSTANCE);
  expect(count((gates) => gates.length === 0)).toEqual(FOR_NOBODY);
});

test("makes nothing but the examples while nobody else decides", () => {
  const alone = sources.filter(({ text }) => text.includes(".transactAlone("));
  expect(alone.map(({ fileName }) => fileName)).toEqual(["src/services/host/seed/seed-service.ts"]);
});

test("changes nothing outside a transaction by work that may run twice", () => {
  expect(
    sites.filter(({ work }) => !work || !ts.isArrowFunction(work)).map(({ at }) => at),
  ).toEqual([]);
  const works = sites.flatMap(({ work }) => (work && ts.isArrowFunction(work) ? [work] : []));
  const helpers = sources.flatMap(takingTransactions);
  expect(helpers.length).toBeGreaterThan(40);
  expect([...works, ...helpers].flatMap(changesOutside)).toEqual([]);
});

test.each([
  ["assigns a variable", "let n = 0; store.transact([a], async (t) => { n = 1; });", "n"],
  ["counts", "store.transact([a], async (t) => { this.#calls++; });", "this.#calls"],
  [
    "fills a list",
    "store.transact([a], async (t) => { const x = 1; for (const y of z) found.push(y); });",
    "found.push",
  ],
])("finds work that %s outside", (_, text, what) => {
  const [site] = sitesIn(ts.createSourceFile("planted.ts", text, ts.ScriptTarget.Latest, true));
  expect(site && changesOutside(site.work as ts.ArrowFunction).join()).toContain(what);
});

test("lets what happens on commit change anything, and work what it made itself", () => {
  const text =
    "store.transact([a], async (t) => { const l = []; l.push(1); let k = 0; k++; t.onCommit(() => { n = 1; }); });";
  const [site] = sitesIn(ts.createSourceFile("planted.ts", text, ts.ScriptTarget.Latest, true));
  expect(changesOutside(site?.work as ts.ArrowFunction)).toEqual([]);
});

function sitesIn(source: ts.SourceFile): Site[] {
  return nodesIn(source).flatMap((node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
    const { name, expression } = node.expression;
    if (!/^transact(?:Once)?$/.test(name.text) || !/store$/i.test(expression.getText())) return [];
    return [
      {
        at: placeOf(node),
        file: source.fileName,
        gates: node.arguments[0],
        work: node.arguments.at(-1),
      },
    ];
  });
}

/** Functions and methods that are handed a transaction. */
function takingTransactions(source: ts.SourceFile): ts.SignatureDeclaration[] {
  return nodesIn(source).filter(
    (node): node is ts.SignatureDeclaration =>
      ts.isFunctionLike(node) &&
      node.parameters.some(({ type }) => /^(?:Transaction|Founding)$/.test(type?.getText() ?? "")),
  );
}

const MUTATORS = /^(?:push|pop|shift|unshift|splice|sort|reverse|fill|set|add|delete|clear)$/;

/** Places in a function that change something that it did not make. */
function changesOutside(work: ts.SignatureDeclaration): string[] {
  const inner = nodesIn(
    work,
    (node) => ts.isCallExpression(node) && /\.onCommit$/.test(node.expression.getText()),
  );
  const own = new Set(inner.filter(isDeclaration).flatMap(({ name }) => namesIn(name)));
  return inner.flatMap((node) => {
    const changed = changedBy(node);
    if (!changed) return [];
    const base = baseOf(changed);
    const isOwn =
      ts.isArrayLiteralExpression(base) || (ts.isIdentifier(base) && own.has(base.text));
    return isOwn ? [] : [`${placeOf(node)} ${node.getText()}`];
  });
}

function changedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns ? node.left : undefined;
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const { operator } = node;
    const steps =
      operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
    return steps ? node.operand : undefined;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression))
    return undefined;
  return MUTATORS.test(node.expression.name.text) ? node.expression.expression : undefined;
}

function baseOf(node: ts.Expression): ts.Expression {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return baseOf(node.expression);
  return ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)
    ? baseOf(node.expression)
    : node;
}

type Declaration = ts.VariableDeclaration | ts.ParameterDeclaration;

function isDeclaration(node: ts.Node): node is Declaration {
  return ts.isVariableDeclaration(node) || ts.isParameter(node);
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? namesIn(element.name) : [],
  );
}

function nodesIn(node: ts.Node, leaveOut: (node: ts.Node) => boolean = () => false): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    if (leaveOut(child)) return;
    found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function elementsOf(gates: ts.Expression): string[] {
  return ts.isArrayLiteralExpression(gates)
    ? gates.elements.map((element) => element.getText())
    : [];
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
