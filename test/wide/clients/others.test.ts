import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { programPath } from "../../helpers/program.ts";

/**
 * Clients that others have written, each with a model that calls thirteen tools by a plan
 * (test/clients).
 */
const folder = fileURLToPath(new URL("../../clients/", import.meta.url));
const execute = promisify(execFile);

interface Report {
  /** The answers that the model read, one for each call. */
  readonly answers: readonly string[];
  readonly tools: number;
  /** Tools whose schema the client made strict. */
  readonly strict?: readonly string[];
}

beforeAll(async () => {
  await execute("npm", ["ci", "--prefix", folder], { cwd: folder, maxBuffer: 10_000_000 });
}, 300_000);

async function loop(client: string, more: object): Promise<Report> {
  const env = testEnv(makeHome(), { STACK_LLM_FALLBACK: "stand-in" });
  const program = { command: process.execPath, args: [programPath, "--no-seed"], env };
  const given = JSON.stringify({ program, ...more });
  const { stdout } = await execute(process.execPath, ["run.mjs", client, given], {
    cwd: folder,
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Report;
}

test.each<[string, string, object]>([
  ["the SDK 1.10", "sdk", { sdk: "sdk-first" }],
  ["the SDK 1.32", "sdk", { sdk: "sdk-last" }],
  ["LangChain's adapter and agent", "langchain", {}],
  ["OpenAI's agents, with strict schemas", "openai-agents", { strict: true }],
  ["OpenAI's agents, with schemas as they are", "openai-agents", { strict: false }],
  ["the AI SDK", "ai-sdk", {}],
])("serves a buyer's loop of thirteen calls through %s", async (_, client, more) => {
  const { answers, tools, strict } = await loop(client, more);
  expect(answers).toHaveLength(13);
  expect(tools).toBe(18);
  // Whatever a client puts around an answer: the facts are in it once they are no longer escaped.
  const told = answers.map((answer) => answer.replaceAll('\\"', '"'));
  const says = (index: number, ...texts: string[]) => {
    for (const text of texts) expect(told[index], `call ${index + 1}`).toContain(text);
  };
  says(0, '"balance_cents":1000');
  says(1, '"name":"invoice-total"', '"json":true');
  says(2, '"name":"invoice-total"');
  says(5, '"would_be_accepted":true');
  // The model reads our error, and no complaint of its client's about a schema.
  says(6, "INPUT_INVALID: The input does not fit", "required property 'text'");
  says(7, '"status":"completed"', '"output":{"total":455}');
  says(8, '"deduplicated":true', "repeat: true");
  says(9, '"status":"completed"');
  says(10, '"name":"stack_get_receipt"');
  says(11, '"receipt":"eyJ');
  says(12, '"status":"pending"', '"amount_cents":2500');
  for (const [index, answer] of told.entries())
    if (index !== 6) expect(answer).not.toMatch(/\b[A-Z]+_[A-Z_]+: /);
  if ("strict" in more && more.strict)
    expect(strict).toEqual(expect.arrayContaining(["stack_browse_skills"]));
});

/**
 * A client reads the first text of an answer that has no structured content as JSON, and holds what
 * it finds against the tool's output schema: an error has to be none.
 */
test("keeps a client that looks for JSON in texts from taking an error for a result", async () => {
  const { answers } = await loop("sdk", { sdk: "sdk-last" });
  const [, , , , , , error = ""] = answers;
  expect(() => JSON.parse(error)).toThrow();
  expect(error).toMatch(/^INPUT_INVALID: [^\n]+\n\{"error":/);
});
