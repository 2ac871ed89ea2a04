import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { AUDIT_ACTIONS } from "../src/domain/audit/audit-actions.ts";
import type { Operation } from "../src/operations/define-operation.ts";
import { TOOLSET_WORDS, TOOLSETS, type Toolset } from "../src/operations/toolsets.ts";
import { ERRORS } from "../src/shared/error-codes.ts";
import { OPERATIONS } from "../tools/registry.ts";

/**
 * The pages that are made from the code. `--check` fails when one of them is out of date instead of
 * writing it.
 */
const PAGES: Readonly<Record<string, string>> = {
  "tools.md": toolsPage(),
  ...Object.fromEntries(TOOLSETS.map((toolset) => [`tools/${toolset}.md`, toolsetPage(toolset)])),
  "errors.md": errorsPage(),
  "audit.md": auditPage(),
};

/** The list of all tools, each with a link to its section. */
function toolsPage(): string {
  const sections = TOOLSETS.flatMap((toolset) => [
    `## [${toolset}](tools/${toolset}.md)`,
    "",
    TOOLSET_WORDS[toolset],
    "",
    "| tool | | REST |",
    "| --- | --- | --- |",
    ...operationsOf(toolset).map(({ name, title, rest }) => {
      const route = rest === false ? "" : `\`${rest.method} ${rest.path}\``;
      return `| [${name}](tools/${toolset}.md#${name}) | ${title} | ${route} |`;
    }),
    "",
  ]);
  return `# Tools\n\nMade from the code by \`npm run docs\`.\n\n${sections.join("\n")}`;
}

function toolsetPage(toolset: Toolset): string {
  const sections = operationsOf(toolset).map(toolSection).join("\n");
  const head = `# The toolset ${toolset}\n\nMade from the code by \`npm run docs\`.`;
  return `${head} ${TOOLSET_WORDS[toolset]}\n\n${sections}`;
}

function operationsOf(toolset: Toolset): readonly Operation[] {
  return OPERATIONS.filter((operation) => operation.toolset === toolset);
}

function toolSection(operation: Operation): string {
  const { name, title, description, toolset, scope, rest, idempotency, example } = operation;
  const route = rest === false ? "not on REST" : `\`${rest.method} ${rest.path}\``;
  return [
    `## ${name}`,
    "",
    `${title}. ${description}`,
    "",
    `Toolset \`${toolset}\` · scope \`${scope}\` · REST ${route}${idempotency === "optional" ? " · takes an `idempotency_key`" : ""}`,
    "",
    ...fieldTable(fieldRows(operation)),
    "",
    "```json",
    JSON.stringify(example, null, 2),
    "```",
    "",
  ].join("\n");
}

function fieldTable(rows: readonly string[]): readonly string[] {
  return rows.length === 0
    ? ["Takes no input."]
    : ["| field | | |", "| --- | --- | --- |", ...rows];
}

interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly FieldSchema[];
  readonly default?: unknown;
  readonly description?: string;
}

function fieldRows({ input }: Operation): string[] {
  const schema = z.toJSONSchema(input, { io: "input" }) as {
    readonly properties?: Readonly<Record<string, FieldSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const need = schema.required?.includes(name) ? "required" : "optional";
    const fallback =
      field.default === undefined ? "" : `; default \`${JSON.stringify(field.default)}\``;
    return `| \`${name}\` | ${typeOf(field)}, ${need}${fallback} | ${field.description ?? ""} |`;
  });
}

function typeOf(field: FieldSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(" or ");
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(" or ");
  return field.type ?? "any JSON";
}

function auditPage(): string {
  const rows = Object.entries(AUDIT_ACTIONS).map(
    ([action, { layer, chain, details, sentence }]) => {
      const fields = details.map((field) => `\`${field}\``).join(", ");
      return `| \`${action}\` | ${layer} | ${chain} | ${sentence} | ${fields} |`;
    },
  );
  return [
    "# The audit log",
    "",
    "Made from the code by `npm run docs`. These are all actions that the log tells of. A row stands in the chain of the",
    "operator that is named, who reads it with `stack_query_audit`. Details hold ids, cents, counts and digests, never content.",
    "",
    "| action | layer | chain | | details |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, retry, sentence }]) => `| ${code} | ${status} | \`${retry}\` | ${sentence} |`,
  );
  return [
    "# Errors",
    "",
    "Made from the code by `npm run docs`. An error names the field and the next step in its message; `retry` says whether",
    "trying again can help: `fix_input`, `after_action`, `later` or `never`.",
    "",
    'Over REST the body is `{"error": {"code", "message", "details", "retry"}}`; a 402 is flat: `{"error": "insufficient_balance", "code",',
    '"message", "required_cents", "balance_cents", "top_up_url", "retry"}`. Over MCP a tool answers with the text `CODE: sentence`, and that',
    "body as JSON on the next line.",
    "",
    "| code | HTTP | retry | |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(PAGES)) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    process.stderr.write(`docs/${name} is out of date: run \`npm run docs\`.\n`);
    process.exitCode = 1;
  }
}
