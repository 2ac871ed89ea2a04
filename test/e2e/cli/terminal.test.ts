import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Command } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import type { CliContext } from "../../../src/faces/cli/context.ts";
import { EXAMPLES } from "../../../src/faces/cli/examples.ts";
import { programFor } from "../../../src/faces/cli/program.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { changeJson } from "../../helpers/json-file.ts";
import { runProgram } from "../../helpers/program.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";
import { Transcript } from "../../helpers/transcript.ts";

/** Each command of the program at work, one after the other, on one data folder. */
async function playAll(colours: Record<string, string>): Promise<string> {
  const server = await startTestServer({ home: join(makeHome(), ".stack-mcp") });
  const shown = new Transcript({ home: server.home, env: colours });
  const run = (line: string, env?: Record<string, string>) => shown.run(line.split(" "), env);
  await run("config check");
  await run("seed");
  await run("operator create acme --fund 500");
  await run("operator fund acme 25");
  await run("operator list");
  await run("operator rename acme acme-labs");
  await run("operator plan acme-labs developer");
  await run("operator suspend acme-labs");
  await run("operator resume acme-labs");
  await run("operator rename acme-labs acme");
  const key = await run("key create acme --name ci --scopes wallet:read");
  await run("key list acme");
  await run(`key revoke ${/key_\w{26}/.exec(key)}`);
  await run("skill init my-skill");
  await run("skill test my-skill/skill.json");
  await run("skill publish my-skill/skill.json");
  changeJson(join(shown.folder, "my-skill/skill.json"), { price_per_invocation: 9 });
  await run("skill publish my-skill/skill.json");
  await shown.run(["skill", "test", "my-skill/skill.json", "--input", '{"text": ""}']);
  const buyer = await server.createOperator("buyer");
  for (const text of ["two words", ""]) {
    const body = { input: { text }, wait_ms: 20_000 };
    await send(server, "POST /v1/skills/my-skill/invoke", { key: buyer, body });
  }
  for (const line of [
    "skill list",
    "skill show my-skill",
    "skill logs my-skill",
    "earnings",
    "sales",
    "sales --csv",
  ])
    await run(line);
  await run("skill unlist my-skill");
  await run("skill activate my-skill");
  await run("service connect crm --host api.acme.example --secret-env CRM_KEY", {
    CRM_KEY: "s3cret-of-acme",
  });
  await run("service list");
  await run("service connect crm --host api.acme.example --secret-env CRM_KEY", {
    CRM_KEY: "s3cret-of-acme",
  });
  await run("service connect crm --host v2.acme.example --secret-env CRM_KEY --replace", {
    CRM_KEY: "s3cret-of-acme",
  });
  await run("service disconnect crm");
  await run("service disconnect crm");
  changeJson(join(shown.folder, "my-skill/skill.json"), { name: "looked-at", review: "manual" });
  await run("skill publish my-skill/skill.json");
  await run("review list");
  await run("review show local/looked-at");
  await run("review try local/looked-at");
  await run("review approve local/looked-at");
  changeJson(join(shown.folder, "my-skill/skill.json"), { name: "sent-back" });
  await run("skill publish my-skill/skill.json");
  await shown.run([
    "review",
    "reject",
    "local/sent-back",
    "--reason",
    "It says nothing of its use.",
  ]);
  await run("skill show sent-back");
  const [first = "", second = ""] = await orders(server);
  await run("approval list");
  await run(`approval approve ${first}`);
  await run(`approval deny ${second}`);
  await run("approval list");
  await run("invocations list");
  await run("report --day today");
  await run("payouts run");
  await run("ledger verify");
  await run("audit verify");
  await run("audit pin");
  await run("passport rotate-key");
  await run("backup stack.db");
  await run("restore stack.db", { STACK_HOME: join(shown.folder, "new") });
  await run("erase --operator local");
  await run("operator delete acme --yes");
  await run("operator delete acme --yes --leave-money");
  await run("operator show acme");
  await run("seed --remove");
  await run("seed --remove");
  await run("skill show nothing-of-the-kind");
  await run("operator lst");
  await run("purge");
  return shown.toString();
}

/** Purchases of an agent of the local operator that wait for its yes. */
async function orders(server: TestServer): Promise<string[]> {
  const key = server.localKey;
  const agent = await send(server, "POST /v1/agents/register", {
    key,
    body: { name: "shopper", accountability_mode: "logged" },
  });
  const intent = { summary: "Check the suppliers' accounts", services: [] };
  const grant = { agent_id: agent.body.id, intent, mandate: { approve_over_cents: 1 } };
  const passport = await send(server, "POST /v1/passports/issue", { key, body: grant });
  const ids = [];
  for (const iban of ["DE89370400440532013000", "GB82WEST12345698765432"]) {
    const order = { key: String(passport.body.token), body: { input: { iban }, wait_ms: 0 } };
    ids.push(String((await send(server, "POST /v1/skills/check-iban/invoke", order)).body.id));
  }
  return ids;
}

test("says in 80 columns what each command did, the same with and without colours", async () => {
  const plain = await playAll({ NO_COLOR: "1" });
  const coloured = await playAll({ FORCE_COLOR: "1" });
  await expect(plain).toMatchFileSnapshot("../golden/commands.txt");
  await expect(coloured).toMatchFileSnapshot("../golden/commands-in-colour.txt");
  expect(plain).not.toContain("\u001b");
  expect(stripVTControlCharacters(coloured)).toBe(plain);
  // What is copied stands whole: a command, a key, a line of data.
  const isCopied = (line: string) =>
    /^\$ |^ {4}|"|sk_live_|sha256:|,sinv_|,skl_/.test(line) || !line.trim().includes(" ");
  expect(plain.split("\n").filter((line) => line.length > 80 && !isCopied(line))).toEqual([]);
}, 240_000);

test("shows an example of every command in help, as its reader would type it", async () => {
  vi.stubEnv("COLUMNS", "80");
  onTestFinished(() => void vi.unstubAllEnvs());
  // No command is run, so nothing of the context is used.
  const program = programFor({} as CliContext, () => {});
  let shown = "";
  const leaves: string[] = [];
  const visit = (command: Command, words: readonly string[]): void => {
    command.configureOutput({
      writeOut: (text) => {
        shown += text;
      },
    });
    if (words.length === 0 || command.commands.length === 0) {
      shown += `$ stack-mcp ${[...words, "--help"].join(" ")}\n`;
      command.outputHelp();
      shown += "\n";
    }
    if (command.commands.length === 0) leaves.push(words.join(" "));
    for (const child of command.commands) visit(child, [...words, child.name()]);
  };
  visit(program, []);
  expect(leaves.sort()).toEqual(Object.keys(EXAMPLES).sort());
  await expect(stripVTControlCharacters(shown)).toMatchFileSnapshot("../golden/help.txt");
});

test("leads from a mistyped word to no command that takes something away", async () => {
  const said = async (...args: string[]) => (await runProgram(args, testEnv(makeHome()))).stderr;
  expect(await said("skil")).toContain("(Did you mean skill?)");
  expect(
    (await runProgram(["complete", "--", "operator", ""], testEnv(makeHome()))).stdout,
  ).toMatch(/^rename\t/m);
  for (const args of [
    ["eras"],
    ["restor"],
    ["key", "revok"],
    ["skill", "unlst"],
    ["approval", "den"],
    ["seed", "--remov"],
    ["operator", "delet"],
  ])
    expect(await said(...args)).not.toContain("Did you mean");
});

test("gives a pipe no colours and each line whole, whatever its length", async () => {
  const env = testEnv(makeHome());
  await runProgram(["seed"], env);
  const { stdout } = await runProgram(["skill", "show", "extract-invoice-totals"], env);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toMatch(/^ {2}output +\{ "type": "object", .{200,}\}$/m);
});
