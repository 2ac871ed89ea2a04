import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { root } from "../../helpers/root.ts";

test.each([
  [["--help"], 0, /MCP server on stdio/],
  [["--version"], 0, /^\d+\.\d+\.\d+$/m],
  [["operator", "create", "--help"], 0, /--fund <cents>/],
  [["nonsense"], 2, /unknown command/],
  [["operator", "create"], 2, /missing required argument/],
  [["operator", "create", "x", "--fund", "ten"], 2, /whole number of cents/],
  [["operator", "create", "Not A Name"], 1, /name must be 2 to 64/],
  [
    ["operator", "create", "name", "--claim", "verified_alien"],
    2,
    /verified_human, verified_identity/,
  ],
  [["operator", "fund", "nobody", "5"], 1, /no such operator/],
])("ends stack-mcp %j with %i", async (args, code, said) => {
  const ran = await runProgram(args, testEnv(makeHome()));
  expect(ran.code).toBe(code);
  expect(`${ran.stdout}${ran.stderr}`).toMatch(said);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
});

test("tells every problem of a config at once, and every setting but no secret", async () => {
  const env = testEnv(makeHome(), { OPENAI_API_KEY: "sk-canary-123", STACK_API_KEYS: "x" });
  const wrong = await runProgram(["config", "check"], {
    ...env,
    STACK_PUBLIC_URL: "stack.example",
    STACK_LOG: "loud",
    STACK_TOOLS: "wallets",
  });
  expect(wrong).toMatchObject({ code: 1, stderr: "" });
  expect(wrong.stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^problem {2}STACK_PUBLIC_URL is not an http/),
    expect.stringMatching(/^problem {2}STACK_LOG is not one of/),
    expect.stringMatching(/^problem {2}--tools or STACK_TOOLS names wallets/),
    expect.stringMatching(/^warning {2}STACK_API_KEYS is not a variable/),
  ]);
  const unknown = await runProgram(["config", "check"], { ...env, STACK_TOOLS: "wallets" });
  expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining("names wallets") });
  const good = await runProgram(["config", "check"], env);
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("the nearest is STACK_API_KEY\n"),
  });
  const printed = await runProgram(["config", "print"], env);
  expect(printed.stdout).toMatch(/STACK_TOOLS\s+core\n/);
  expect(printed.stdout).toMatch(/provider openai\s+OPENAI_API_KEY set\n/);
  expect(printed.stdout).not.toContain("sk-canary");
  const served = await runProgram(["serve", "--port", "0"], { ...env, STACK_TOOLS: "wallets" });
  expect(served).toMatchObject({ code: 1, stderr: expect.stringContaining("names wallets") });
});

test("lets no text of others command a terminal", async () => {
  const refused = await runProgram(["skill", "show", "\u001b]0;pwned\u0007"], testEnv(makeHome()));
  expect(refused.code).toBe(1);
  for (const character of ["\u001b", "\u0007"])
    expect(`${refused.stdout}${refused.stderr}`).not.toContain(character);
});

test("makes, lists and funds an operator, and shows its key once", async () => {
  const env = testEnv(makeHome());
  const made = await runProgram(
    [
      "operator",
      "create",
      "acme",
      "--fund",
      "500",
      "--plan",
      "studio",
      "--claim",
      "verified_human",
    ],
    env,
  );
  expect(made.stdout).toMatch(/API key\s+sk_live_op_\S{69}\n/);
  expect(made.stdout).toContain("not shown again");
  const twice = await runProgram(["operator", "create", "acme"], env);
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("exists") });
  expect((await runProgram(["operator", "fund", "acme", "25"], env)).stdout).toMatch(
    /can now spend 525 cents/,
  );
  const { stdout } = await runProgram(["operator", "list", "--json"], env);
  expect(stdout).not.toContain("sk_live");
  expect(JSON.parse(stdout)).toEqual([
    expect.objectContaining({ name: "local", is_local: true }),
    expect.objectContaining({ name: "acme", plan: "studio", balance_cents: 525 }),
  ]);
});

test("tells by doctor which key store, sandbox layers and providers really hold", async () => {
  const home = makeHome();
  const { STACK_MASTER_KEY: _, ...env } = testEnv(home, {
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
  });
  const before = await runProgram(["doctor"], env);
  expect(before).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/database\s+none yet in .*\n[\s\S]*state\s+works/),
  });
  expect(readdirSync(home)).toEqual([]);
  await runProgram(["operator", "list"], env);
  const ran = await runProgram(["doctor"], { ...env, OPENAI_API_KEY: "sk-shown-nowhere" });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/master key\s+in a file of the data folder \(mode 0600\)/);
  expect(ran.stdout).toMatch(/state\s+works/);
  expect(ran.stdout).toMatch(/permission model\s+yes/);
  expect(ran.stdout).toMatch(/rlimits\s+yes/);
  expect(ran.stdout).toMatch(/seccomp\s+(?:yes {2}no sockets|no {3}\S)/);
  expect(ran.stdout).toMatch(/this machine\s+no\n\s+through\s+no proxy/);
  expect(ran.stdout).toMatch(/openai\s+key from OPENAI_API_KEY/);
  expect(ran.stdout).not.toContain("sk-shown-nowhere");
  const egress = {
    STACK_EGRESS_ALLOW_LOCAL: "127.0.0.1:9",
    STACK_EGRESS_PROXY: "http://name:hidden@proxy.test:3128",
  };
  const reached = await runProgram(["doctor", "--json"], { ...env, ...egress });
  expect(JSON.parse(reached.stdout).egress).toEqual({
    allow_local: ["127.0.0.1:9"],
    proxy: "proxy.test:3128",
  });
  expect(reached.stdout).not.toContain("hidden");
  const report = JSON.parse((await runProgram(["doctor", "--json"], env)).stdout);
  expect(report).toMatchObject({
    database: { stamp: "play", key_store: "file" },
    providers: [{ name: "openai", state: "stand-in" }],
  });
});

test("shows every step of the demo with its numbers, within 80 columns", async () => {
  const ran = await runProgram(["demo"], { PATH: process.env.PATH ?? "" });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  for (const fact of [
    '{"subtotal":420,"tax":35,"total":455,"currency":"USD"}',
    "1000 -> 974 cents",
    "26 charged = 17 publisher + 8 commission + 1 compute",
    "974 -> 974 cents: charged nothing",
    "script_error in step 1",
    "402 INSUFFICIENT_CREDITS",
    "974 -> 854 cents",
    "every invariant holds",
    "unbroken",
    "stand-in",
  ]) {
    expect(ran.stdout).toContain(fact);
  }
});

test("finds the project's Node under an older one, and keeps arguments and exit code", async () => {
  const pretend =
    "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.0'})";
  const env = testEnv(makeHome());
  const version = await runProgram(["--version"], env, ["--import", pretend]);
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect((await runProgram(["nonsense"], env, ["--import", pretend])).code).toBe(2);
});

test("says what to install under an older Node without the project's own", async () => {
  const folder = join(makeHome(), "src/bin");
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "src/bin/stack-mcp.js"), join(folder, "stack-mcp.mjs"));
  const pretend =
    "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.0'})";
  const ran = await promisify(execFile)(process.execPath, [
    "--import",
    pretend,
    join(folder, "stack-mcp.mjs"),
  ]).catch((error) => error);
  expect(ran).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Node 24 or newer is needed.*npm install/),
  });
});
