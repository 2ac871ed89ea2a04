import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

/** The figures of a source tree: `src/`, `tools/` and `storage/` under one root. */
export interface House {
  /** Lines of a file: how many files there are, and their median, 95th percentile and longest. */
  readonly files: Spread;
  /** Lines of a function with a body, the innermost counted too. */
  readonly functions: Spread;
  readonly lines: number;
  readonly commentLines: number;
  /** `file:line` of each line that has more than 100 characters. */
  readonly longLines: readonly string[];
  /** `file:line name` of each function of more than 70 lines. */
  readonly longFunctions: readonly string[];
  /** `file:line name` of each function that has more than 4 parameters. */
  readonly crowdedFunctions: readonly string[];
  /** `file lines` of each file of more than 300 lines. */
  readonly longFiles: readonly string[];
  readonly docComments: number;
  /**
   * `file:line word` of each doc comment that begins with a question word, in tests and benches
   * too.
   */
  readonly questions: readonly string[];
  readonly nestedTernaries: readonly string[];
  /** `...(condition ? {…} : {})`. */
  readonly conditionalSpreads: readonly string[];
  /** Files that import each other in a loop, type imports too. */
  readonly fileCycles: readonly string[];
  /**
   * `from -> to` of each import between two rooms that import each other, directly or by others.
   */
  readonly backArrows: readonly string[];
}

export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

const MAX_LINE = 100;
const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 300;
const MAX_PARAMETERS = 4;
const QUESTIONS = /^(what|where|how|whether|who|whom|whose|when|which|why)\b/i;

/** Folders whose children are rooms: no two children of one of them may import each other. */
const PARENTS = [
  "src",
  "src/domain",
  "src/faces/cli",
  "src/faces/http",
  "src/faces/mcp",
  "src/faces/web",
  "src/services",
  "src/services/invocations",
  "storage",
  "tools",
];

interface Finding {
  readonly file: string;
  readonly source: ts.SourceFile;
}

/**
 * Measures the tree under `root`. Guest code and Python count as files and lines; TypeScript is
 * parsed.
 */
export function measureHouse(root: string): House {
  const names = globSync(["src/**/*.{ts,js,py}", "tools/**/*.ts", "storage/**/*.ts"], {
    cwd: root,
  }).sort();
  const texts = new Map(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));
  const parsed = [...texts]
    .filter(([name]) => !name.endsWith(".py"))
    .map(([file, text]) => ({ file, source: parse(file, text) }));
  const functions = parsed.flatMap(functionsOf);
  const docs = parsed.flatMap(docCommentsOf);
  const outside = globSync(["test/**/*.ts", "bench/**/*.ts", "docs/*.ts"], {
    cwd: root,
    exclude: (path) => /(?:^|\/)(?:node_modules|fixtures)(?:\/|$)/.test(path),
  }).map((file) => ({ file, source: parse(file, readFileSync(join(root, file), "utf8")) }));
  const imports = new Map(parsed.map((one) => [one.file, importsOf(one, texts)]));
  const lengths = [...texts].map(([file, text]) => ({ file, lines: text.split("\n").length - 1 }));
  return {
    files: spread(lengths.map(({ lines }) => lines)),
    functions: spread(functions.map(({ lines }) => lines)),
    lines: lengths.reduce((sum, { lines }) => sum + lines, 0),
    commentLines: parsed.reduce((sum, { source }) => sum + commentLinesOf(source), 0),
    longLines: [...texts].flatMap(([file, text]) => longLinesOf(file, text)),
    longFunctions: functions
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ at, lines }) => `${at} ${lines}`),
    crowdedFunctions: functions
      .filter(({ parameters }) => parameters > MAX_PARAMETERS)
      .map(({ at }) => at),
    longFiles: lengths
      .filter(({ lines }) => lines > MAX_FILE_LINES)
      .map(({ file, lines }) => `${file} ${lines}`),
    docComments: docs.length,
    questions: [...docs, ...outside.flatMap(docCommentsOf)]
      .filter(({ words }) => QUESTIONS.test(words))
      .map(({ at, words }) => `${at} ${words.slice(0, 40)}`),
    nestedTernaries: parsed.flatMap((one) => nodesOf(one, isNestedTernary)),
    conditionalSpreads: parsed.flatMap((one) => nodesOf(one, isConditionalSpread)),
    fileCycles: loops(imports).map((files) => files.join(" ")),
    backArrows: PARENTS.flatMap((parent) => backArrows(parent, imports)),
  };
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

function longLinesOf(file: string, text: string): string[] {
  const lines = text.split("\n").map((line, index) => ({ at: `${file}:${index + 1}`, line }));
  return lines.filter(({ line }) => line.length > MAX_LINE).map(({ at }) => at);
}

interface FoundFunction {
  readonly at: string;
  readonly lines: number;
  readonly parameters: number;
}

function functionsOf({ file, source }: Finding): FoundFunction[] {
  return walk(source).flatMap((node) => {
    if (isScope(node, source)) return [];
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return [];
    const name = node.name && "text" in node.name ? ` ${node.name.text}` : "";
    const at = `${file}:${lineOf(source, node)}${name}`;
    return [{ at, lines: linesOf(source, node), parameters: node.parameters.length }];
  });
}

/** The function that is all of a guest's script stands for the scope that a module would have. */
function isScope(node: ts.Node, { statements }: ts.SourceFile): boolean {
  const [only, ...others] = statements;
  if (!only || others.length > 0 || !ts.isExpressionStatement(only)) return false;
  const script = ts.isBinaryExpression(only.expression) ? only.expression.right : only.expression;
  return node === bare(script);
}

/** The first words of each doc comment, markup aside. */
function docCommentsOf({ file, source }: Finding): { at: string; words: string }[] {
  return commentsOf(source)
    .filter(({ text }) => text.startsWith("/**"))
    .map(({ text, line }) => ({ at: `${file}:${line}`, words: text.replace(/^\/\*\*[\s*]*/, "") }));
}

function commentLinesOf(source: ts.SourceFile): number {
  return commentsOf(source).reduce((sum, { text }) => sum + text.split("\n").length, 0);
}

function commentsOf(source: ts.SourceFile): { text: string; line: number }[] {
  const found = new Map<number, { text: string; line: number }>();
  for (const node of walk(source)) {
    for (const range of ts.getLeadingCommentRanges(source.text, node.pos) ?? []) {
      const line = source.getLineAndCharacterOfPosition(range.pos).line + 1;
      found.set(range.pos, { text: source.text.slice(range.pos, range.end), line });
    }
  }
  return [...found.values()];
}

function nodesOf({ file, source }: Finding, wanted: (node: ts.Node) => boolean): string[] {
  return walk(source)
    .filter(wanted)
    .map((node) => `${file}:${lineOf(source, node)}`);
}

function isNestedTernary(node: ts.Node): boolean {
  if (!ts.isConditionalExpression(node)) return false;
  return [node.whenTrue, node.whenFalse].some((branch) => ts.isConditionalExpression(bare(branch)));
}

function isConditionalSpread(node: ts.Node): boolean {
  if (!ts.isSpreadAssignment(node)) return false;
  const spreadOf = bare(node.expression);
  if (!ts.isConditionalExpression(spreadOf)) return false;
  const empty = (branch: ts.Expression) =>
    ts.isObjectLiteralExpression(bare(branch)) && branch.getText().replace(/\s/g, "") === "{}";
  return empty(spreadOf.whenTrue) || empty(spreadOf.whenFalse);
}

function bare(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? bare(node.expression) : node;
}

function importsOf({ file, source }: Finding, texts: ReadonlyMap<string, string>): string[] {
  return walk(source).flatMap((node) => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (!specifier || !ts.isStringLiteral(specifier)) return [];
    const target = normalize(join(dirname(file), specifier.text));
    return texts.has(target) ? [target] : [];
  });
}

/** Imports between rooms of one folder that are tied in a loop. */
function backArrows(parent: string, imports: ReadonlyMap<string, readonly string[]>): string[] {
  const inside = `${parent}/`;
  const roomOf = (file: string) => {
    const [room = "", ...rest] = file.startsWith(inside)
      ? file.slice(inside.length).split("/")
      : [];
    return rest.length > 0 ? room : undefined;
  };
  const rooms = new Map<string, string[]>();
  const arrows = [...imports].flatMap(([from, targets]) => targets.map((to) => ({ from, to })));
  const between = arrows.filter(({ from, to }) => {
    const [one, other] = [roomOf(from), roomOf(to)];
    if (!one || !other || one === other) return false;
    rooms.set(one, [...(rooms.get(one) ?? []), other]);
    return true;
  });
  return loops(rooms).flatMap((loop) =>
    between
      .filter(
        ({ from, to }) => loop.includes(roomOf(from) ?? "") && loop.includes(roomOf(to) ?? ""),
      )
      .map(({ from, to }) => `${from} -> ${to}`),
  );
}

/**
 * Sets of two and more nodes in which each reaches each (Tarjan's strongly connected components).
 */
function loops(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): number => {
    const own = index.size;
    index.set(node, own);
    stack.push(node);
    let least = own;
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) least = Math.min(least, visit(next));
      else if (stack.includes(next))
        least = Math.min(least, low.get(next) ?? index.get(next) ?? least);
    }
    low.set(node, least);
    if (least === own) {
      const loop = stack.splice(stack.indexOf(node));
      if (loop.length > 1) found.push(loop);
    }
    return least;
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

function walk(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [node];
  ts.forEachChild(node, (child) => {
    nodes.push(...walk(child));
  });
  return nodes;
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  const end = source.getLineAndCharacterOfPosition(node.end).line;
  return end - source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
