import { type Context, Hono } from "hono";
import { requireAudience, requireScope } from "../../../domain/identity/caller.ts";
import { invalidRequest } from "../../../shared/errors.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";

const FORMATS = ["json", "ndjson", "jsonl", "csv"] as const;
type Format = (typeof FORMATS)[number];
type Exported = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<Format, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  jsonl: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
};

/** `GET /v1/audit/export`: an operator's rows as a stream, so that no export is held whole. */
export function auditExportRoutes(parts: AuthenticationParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get("/v1/audit/export", authenticated(parts), async (c) => {
    const caller = c.get("caller");
    requireAudience(caller, "operators", "The export of the audit log");
    requireScope(caller, "audit:read");
    const format = formatOf(c.req.query("format") ?? "json");
    const range = { from: c.req.query("from"), to: c.req.query("to"), afterSeq: seqOf(c) };
    const entries = parts.services.audit.export(caller.operatorId, range);
    // What is wrong with the request is found with the first row, while there still is a status to
    // say so.
    const first = await entries.next();
    const text = TEXTS[format](rest(first, entries));
    return c.body(toStream(text), 200, {
      "Content-Type": TYPES[format],
      "Content-Disposition": `attachment; filename="audit-${caller.operatorId}.${format}"`,
    });
  });
  return app;
}

async function* rest<T>(first: IteratorResult<T>, others: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* others;
}

const TEXTS: Readonly<
  Record<Format, (entries: AsyncIterable<Exported>) => AsyncGenerator<string>>
> = {
  json: jsonText,
  ndjson: linesOf,
  jsonl: linesOf,
  csv: csvText,
};

async function* jsonText(entries: AsyncIterable<Exported>): AsyncGenerator<string> {
  let before = '{"entries":[';
  let end = "";
  for await (const entry of entries) {
    if ("checkpoint" in entry) end = `,"checkpoint":${JSON.stringify(entry.checkpoint)}`;
    else yield `${before}${JSON.stringify(entry)}`;
    before = ",";
  }
  yield `${before === "," ? "" : before}]${end}}\n`;
}

async function* linesOf(entries: AsyncIterable<Exported>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

const COLUMNS = [
  "entry_id",
  "seq",
  "timestamp",
  "operator_id",
  "agent_id",
  "passport_jti",
  "layer",
  "action",
  "outcome",
  "error_code",
  "details",
  "prev_hash",
  "entry_hash",
] as const;

async function* csvText(entries: AsyncIterable<Exported>): AsyncGenerator<string> {
  yield `${COLUMNS.join(",")}\r\n`;
  for await (const entry of entries) {
    if ("checkpoint" in entry) continue;
    yield `${COLUMNS.map((name) => cell(entry[name])).join(",")}\r\n`;
  }
}

/** RFC 4180; what a spreadsheet would take for a formula is kept from being one. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function toStream(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await text.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await text.return(undefined)),
  });
}

function formatOf(name: string): Format {
  const found = FORMATS.find((format) => format === name);
  if (found) return found;
  throw invalidRequest("format", `format must be one of ${FORMATS.join(", ")}.`);
}

function seqOf(c: Context): number | undefined {
  const text = c.req.query("after_seq");
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidRequest("after_seq", "after_seq must be a whole number.");
}
