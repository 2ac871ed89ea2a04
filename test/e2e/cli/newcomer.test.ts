import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { EXAMPLES } from "../../../src/faces/cli/examples.ts";
import { connectTo } from "../../helpers/clients.ts";
import { makeHome } from "../../helpers/home.ts";
import { programPath, run } from "../../helpers/program.ts";
import { shellCommands } from "../../helpers/readme.ts";
import { root } from "../../helpers/root.ts";
import { spawnServer } from "../../helpers/server-process.ts";

const README = new URL("../../../README.md", import.meta.url);
const COMMANDS = shellCommands(README);
const INVOICE =
  "Rechnung 2026-118\nNettobetrag: 1.200,00 EUR\nMwSt 19 %: 228,00 EUR\nGesamtbetrag: 1.428,00 EUR";

/** Somebody in an empty folder who has installed the program, and types what README prints. */
class Newcomer {
  readonly folder = makeHome();
  readonly env: Record<string, string>;
  /** By kind of id, the first that the last answer had of it. */
  readonly #seen = new Map<string, string>();

  constructor() {
    const bin = join(this.folder, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(programPath, join(bin, "stack-mcp"));
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    this.env = {
      PATH: path,
      HOME: this.folder,
      STACK_LLM_FALLBACK: "stand-in",
      CRM_KEY: "sk-crm-12345678",
      NO_COLOR: "1",
    };
  }

  /**
   * Runs a command with the ids that were shown before in place of `skl_…` and the like. Its
   * output.
   */
  async types(command: string): Promise<string> {
    const typed = command.replace(
      /\b([a-z]+(?:_live_op)?)_…/g,
      (left, kind: string) => this.#seen.get(kind) ?? left,
    );
    expect(typed, "nothing is left to fill in").not.toContain("…");
    const ran = await run("bash", ["-c", typed], { cwd: this.folder, env: this.env });
    const { code } = ran;
    const output = ran.stdout + (code === 0 ? "" : ran.stderr);
    expect(code, `${typed}\n${output}`).toBe(0);
    expect(output, typed).not.toContain('"error"');
    const answered = new Map(
      [...output.matchAll(/\b(sk_live_op|[a-z]{2,4})_[\w-]{26,}/g)]
        .reverse()
        .map(([id, kind = ""]) => [kind, id]),
    );
    for (const [kind, id] of answered) this.#seen.set(kind, id);
    return output;
  }

  key(): string {
    return this.#seen.get("sk_live_op") ?? "";
  }
}

function taken(commands: string[], pattern: RegExp): string {
  const at = commands.findIndex((command) => pattern.test(command));
  expect(at, `README has no command like ${pattern}`).toBeGreaterThanOrEqual(0);
  return commands.splice(at, 1)[0] ?? "";
}

// Starts some twenty processes, one after the other.
test("does what README says when its commands are typed as printed in a new folder", async () => {
  const left = [...COMMANDS];
  const newcomer = new Newcomer();
  // What a clone begins with is run by whoever runs this; the packed file is installed in the wide
  // tier.
  expect(taken(left, /^npm ci && npm run demo$/)).toBeTruthy();
  expect(taken(left, /^npm ci && npm test$/)).toBeTruthy();
  expect(taken(left, /^npm install --ignore-scripts stack-mcp-\d+\.\d+\.\d+\.tgz$/)).toBeTruthy();
  expect(await newcomer.types(taken(left, /^npx stack-mcp demo$/))).toContain(
    "every invariant holds",
  );

  const found = await firstSentence(newcomer, taken(left, /^claude mcp add stack -e /));
  expect(found).toMatchObject({ status: "completed", output: { total: 1_428, currency: "EUR" } });

  taken(left, /^npx stack-mcp serve$/);
  const server = await spawnServer(newcomer.env);
  expect(await newcomer.types(taken(left, /^npx stack-mcp key create local$/))).toContain(
    "API key",
  );
  const remote = taken(
    left,
    /^claude mcp add --transport http stack http:\/\/127\.0\.0\.1:4402\/mcp --header/,
  );
  expect(remote).toContain("Authorization: Bearer sk_live_op_…");
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: newcomer.key() });
  expect((await client.call("stack_get_balance")).structured).toMatchObject({
    balance_cents: expect.any(Number),
  });
  await client.close();
  const [seller, buyer] = [
    taken(left, /operator create seller$/),
    taken(left, /operator create buyer --fund 1000$/),
  ];
  const own = newcomer.key();
  await newcomer.types(seller);
  await newcomer.types(buyer);

  expect(taken(left, /^export STACK_API_KEY=/)).toBe(
    "export STACK_API_KEY=sk_live_op_…  URL=http://127.0.0.1:4402",
  );
  Object.assign(newcomer.env, { STACK_API_KEY: own, URL: server.url });
  await newcomer.types(taken(left, /search=slug/));
  expect(await newcomer.types(taken(left, /quote/))).toContain('"would_be_accepted":true');
  expect(await newcomer.types(taken(left, /Idempotency-Key: order-1/))).toContain('"hello-world"');
  expect(await newcomer.types(taken(left, /invocations\/sinv_…/))).toContain(
    '"status":"completed"',
  );
  expect(await newcomer.types(taken(left, /billing\/topup/))).toContain('"checkout_url"');
  await newcomer.types(taken(left, /agents\/register/));
  const issued = JSON.parse(await newcomer.types(taken(left, /passports\/issue/))) as {
    token: string;
  };
  newcomer.env.PASSPORT = issued.token;
  expect(await newcomer.types(taken(left, /Bearer \$PASSPORT/))).toContain('"hello-world"');
  expect(await newcomer.types(taken(left, /passports\/pp_…\/revoke/))).toContain(
    '"revoked_count":1',
  );

  delete newcomer.env.STACK_API_KEY;
  expect(await newcomer.types(taken(left, /skill init my-skill/))).toContain(
    "wrote my-skill/skill.json",
  );
  expect(await newcomer.types(taken(left, /skill test/))).toContain("It works.");
  expect(await newcomer.types(taken(left, /skill publish/))).toContain(
    "published local/my-skill 1.0.0",
  );
  expect(await newcomer.types(taken(left, /skill logs/))).toBe("No runs.\n");
  expect(await newcomer.types(taken(left, /sales --csv/))).toMatch(/^id,skill_id/);
  expect(await newcomer.types(taken(left, /service connect/))).toContain("crm is connected");
  expect(left).toEqual([]);
}, 240_000);

/**
 * "Find a skill that reads invoices and run it on this text", by the client that README's command
 * adds.
 */
async function firstSentence({ folder, env }: Newcomer, added: string) {
  const [, settings = "", words = ""] = /^claude mcp add stack (.*) -- (.*)$/.exec(added) ?? [];
  const given = Object.fromEntries(
    [...settings.matchAll(/-e (\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const [command = "", ...args] = words
    .replace("/path/to/stack-mcp", root.replace(/\/$/, ""))
    .split(" ");
  const client = new Client({ name: "newcomer", version: "1" });
  const { STACK_LLM_FALLBACK: _, ...plain } = env;
  await client.connect(
    new StdioClientTransport({
      command,
      args,
      env: { ...plain, ...given },
      cwd: folder,
      stderr: "pipe",
    }),
  );
  onTestFinished(() => client.close());
  const call = async (name: string, input: object) =>
    (await client.callTool({ name, arguments: { ...input } })).structuredContent as Record<
      string,
      unknown
    >;
  const { items } = (await call("stack_browse_skills", { search: "reads invoices" })) as {
    items: { id: string }[];
  };
  const { id: invocation_id } = await call("stack_invoke_skill", {
    skill_id: items[0]?.id,
    input: { text: INVOICE },
  });
  return call("stack_check_invocation", { invocation_id, wait_ms: 20_000 });
}

test("names every command in README's table, and no other", () => {
  const rows = readFileSync(README, "utf8").matchAll(/^\| (`stack-mcp [^|]*(?:\\\|[^|]*)*) \|/gm);
  const named = [...rows].flatMap(([, cell = ""]) => [
    ...cell.matchAll(/`(?:stack-mcp )?([^`]+)`/g),
  ]);
  const commands = named.flatMap(([, words = ""]) => {
    const [first = "", second] = words.split(" ");
    // `backup\|restore` are two commands, `key create\|list` two of one group.
    if (second === undefined) return first.split("\\|");
    return second.split("\\|").map((name) => `${first} ${name}`);
  });
  expect(commands.sort()).toEqual(Object.keys(EXAMPLES).sort());
});
