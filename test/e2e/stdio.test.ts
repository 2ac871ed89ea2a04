import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLIENT_KINDS, connect, errorIn } from "../helpers/clients.ts";
import { makeHome, testEnv } from "../helpers/home.ts";
import { programPath, runProgram } from "../helpers/program.ts";
import { sealedScript } from "../helpers/skills.ts";

/** The real program with its pipes in hand. */
/** Starts the server, by default on a folder that stays empty. */
function start(env: Record<string, string>, flags: readonly string[] = ["--no-seed"]) {
  const child = spawn(process.execPath, [programPath, ...flags], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const lines = () => stdout.split("\n").filter(Boolean);
  const answer = async (id: number) => {
    for (;;) {
      const found = lines()
        .map(parse)
        .find((message) => message?.id === id);
      if (found) return found;
      await new Promise((resolve) => child.stdout.once("data", resolve));
    }
  };
  const say = (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return { child, say, answer, ended, stdout: () => stdout, stderr: () => stderr };
}

type Message = {
  jsonrpc?: string;
  id?: number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
};

function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  },
};
const callTool = (id: number, name: string, args: unknown) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

test("a new folder has skills to buy in the first answer, unless it is told to stay empty or is somebody's already", async () => {
  const names = async (home: string, flags: readonly string[]) => {
    const server = start(testEnv(home), flags);
    server.say(INITIALIZE);
    await server.answer(1);
    server.say(callTool(2, "stack_browse_skills", { limit: 100 }));
    const { structuredContent } = (await server.answer(2)).result as {
      structuredContent: { items: { name: string }[] };
    };
    server.child.stdin.end();
    expect(await server.ended).toBe(0);
    return structuredContent.items.map(({ name }) => name);
  };
  const home = makeHome();
  expect(await names(home, [])).toHaveLength(12);
  expect(await names(home, [])).toContain("extract-invoice-totals");
  expect(await names(makeHome(), ["--no-seed"])).toEqual([]);
  const shared = makeHome();
  await runProgram(["operator", "create", "somebody"], testEnv(shared));
  expect(await names(shared, [])).toEqual([]);
});

test("stdout carries JSON-RPC and nothing else, whatever is logged and however bad the input is", async () => {
  const server = start(testEnv(makeHome(), { STACK_LOG: "debug", STACK_TYPO: "1" }));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.stdin.write("this is no JSON\n{}\n[]\n");
  server.say(callTool(2, "stack_browse_skills", { colour: "red" }));
  server.say(callTool(3, "stack_publish_skill", sealedScript("console.log('x'); return 1;")));
  server.say(callTool(4, "no_such_tool", {}));
  expect((await server.answer(2)).result).toMatchObject({ isError: true });
  expect((await server.answer(3)).result).toMatchObject({
    structuredContent: { status: "active" },
  });
  expect((await server.answer(4)).error).toMatchObject({ code: -32602 });
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  for (const line of server.stdout().split("\n").filter(Boolean))
    expect(parse(line)).toMatchObject({ jsonrpc: "2.0" });
  expect(server.stdout().endsWith("\n")).toBe(true);
  for (const line of server.stderr().split("\n").filter(Boolean))
    expect(parse(line), line).toBeDefined();
  expect(server.stderr()).toContain("STACK_TYPO");
});

test("the program ends when stdin ends, and running work is voided and not left behind", async () => {
  const home = makeHome();
  const server = start(testEnv(home));
  server.say(INITIALIZE);
  await server.answer(1);
  server.say(callTool(2, "stack_publish_skill", sealedScript("await new Promise(() => {});")));
  const published = (await server.answer(2)).result?.structuredContent as { id: string };
  server.say(callTool(3, "stack_invoke_skill", { skill_id: published.id, input: {}, wait_ms: 0 }));
  expect((await server.answer(3)).result).toMatchObject({
    structuredContent: { status: "processing" },
  });
  const started = performance.now();
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(5_000);
  const listed = await runProgram(["operator", "list", "--json"], testEnv(home));
  expect(JSON.parse(listed.stdout)).toEqual([
    expect.objectContaining({ balance_cents: 1_000, held_cents: 0 }),
  ]);
});

test("a call that its client cancels ends what it began, and the same call afterwards runs once and is charged once", async () => {
  const server = start(testEnv(makeHome(), { STACK_TOOLS: "all" }));
  server.say(INITIALIZE);
  await server.answer(1);
  const slow = "const end = Date.now() + 500; while (Date.now() < end) {} return {};";
  const value = async <T>(id: number) => (await server.answer(id)).result?.structuredContent as T;
  server.say(callTool(2, "stack_publish_skill", sealedScript(slow)));
  const { id: skill_id } = await value<{ id: string }>(2);
  const order = { skill_id, input: {}, wait_ms: 20_000 };
  server.say(callTool(3, "stack_invoke_skill", order));
  let asked = 100;
  const mine = async () => {
    server.say(callTool(++asked, "stack_list_my_invocations", {}));
    return (await value<{ items: { status: string }[] }>(asked)).items.map(({ status }) => status);
  };
  await expect.poll(mine).toEqual(["processing"]);
  server.say({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 3, reason: "timed out" },
  });
  await expect.poll(mine).toEqual(["cancelled"]);
  server.say(callTool(4, "stack_invoke_skill", order));
  expect((await server.answer(4)).result).toMatchObject({
    structuredContent: { status: "completed" },
  });
  server.say(callTool(5, "stack_get_balance", {}));
  // 26 cents for the one run, 17 of them earned by the operator that bought its own skill.
  expect((await server.answer(5)).result).toMatchObject({
    structuredContent: { balance_cents: 974, held_cents: 0 },
  });
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("whatever is no message is answered, and the next message is heard", async () => {
  const server = start(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  const long = "y".repeat(11 * 1024 * 1024);
  const wrong: [string, unknown, number][] = [
    ['{"id":77,"method":"ping"}', 77, -32_600],
    ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 1.5, -32_600],
    ['{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', null, -32_600],
    ['{"jsonrpc":"2.0","id":"a","method":5}', "a", -32_600],
    ['[{"jsonrpc":"2.0","id":5,"method":"ping"}]', null, -32_600],
    ["[]", null, -32_600],
    ["7", null, -32_600],
    ['{"jsonrpc":"2.0","id":11,"method":"ping","params":[]}', 11, -32_600],
    ['{"jsonrpc":"2.0","id":12,"method":"ping","params":5}', 12, -32_600],
    ['{"jsonrpc":"2.0","id":13,"method":"ping","extra":1}', 13, -32_600],
    ['{"jsonrpc":"2.0","id":14,"method":"ping","result":{}}', 14, -32_600],
    ['{"jsonrpc":"2.0","id":1e300,"method":"ping"}', 1e300, -32_600],
    [
      `{"jsonrpc":"2.0","id":15,"method":"tools/call","params":{"arguments":null,"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`,
      15,
      -32_600,
    ],
    [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, null, -32_600],
    [`{"jsonrpc":"2.0","id":"a\\q","method":"ping","params":{"x":"${long}"}}`, null, -32_600],
    [`{"jsonrpc":"2.0","id":007,"method":"ping","params":{"x":"${long}"}}`, null, -32_600],
    ["hello", null, -32_700],
    ['{"jsonrpc":"2.0","id":7,"method":"ping",}', null, -32_700],
    [`{"jsonrpc":"2.0","id":8,"method":"ping","params":{"x":"${long}"}}`, 8, -32_600],
    [`{"method":"ping","params":{"x":"${long}"},"jsonrpc":"2.0","id":"nine"}`, "nine", -32_600],
  ];
  for (const [line, id, code] of wrong) {
    const before = server.stdout().length;
    server.child.stdin.write(`${line}\n`);
    await expect.poll(() => server.stdout().length, { interval: 5 }).toBeGreaterThan(before);
    const said = JSON.parse(server.stdout().slice(before));
    expect([line.slice(0, 60), said]).toEqual([
      line.slice(0, 60),
      { jsonrpc: "2.0", id, error: expect.objectContaining({ code }) },
    ]);
  }
  expect(server.stdout()).toContain("PAYLOAD_TOO_LARGE");
  server.child.stdin.write(
    Buffer.from('{"jsonrpc":"2.0","id":19,"method":"ping","params":{"x":"\xe9"}}\n', "latin1"),
  );
  await expect.poll(server.stdout).toContain("the line is not UTF-8");
  server.child.stdin.write(
    '\ufeff{"jsonrpc":"2.0","id":20,"method":"ping"}\r\n\n  \n{"jsonrpc":"2.0","result":{}}\n',
  );
  expect((await server.answer(20)).result).toEqual({});
  server.say({
    jsonrpc: "2.0",
    id: 21,
    method: "tools/call",
    params: { name: "stack_get_balance", arguments: null },
  });
  expect((await server.answer(21)).result).toMatchObject({
    structuredContent: { balance_cents: 1_000 },
  });
  const texts = { name: "stack_browse_skills", arguments: '{"limit":"2"}' };
  server.say({ jsonrpc: "2.0", id: 24, method: "tools/call", params: texts });
  expect((await server.answer(24)).result).toMatchObject({ structuredContent: { items: [] } });
  server.child.stdin.write('{"jsonrpc":"2.0","id":22,"method":"ping","params":null}\n');
  expect((await server.answer(22)).result).toEqual({});
  server.child.stdin.end('{"jsonrpc":"2.0","id":23');
  expect(await server.ended).toBe(0);
});

test("a client of the one revision that has batches gets the answers of a batch together", async () => {
  const server = start(testEnv(makeHome()));
  server.say({ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: "2025-03-26" } });
  await server.answer(1);
  const ping = (id: unknown) => ({ jsonrpc: "2.0", id, method: "ping" });
  const call = callTool(32, "stack_get_balance", {});
  server.say([
    ping(30),
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { id: 31, method: "ping" },
    call,
  ]);
  const batch = () =>
    server
      .stdout()
      .split("\n")
      .filter((line) => line.startsWith("["));
  await expect.poll(batch).toHaveLength(1);
  const answers = JSON.parse(batch()[0] ?? "") as { id: number; error?: { code: number } }[];
  expect(answers.map(({ id, error }) => [id, error?.code]).sort()).toEqual([
    [30, undefined],
    [31, -32_600],
    [32, undefined],
  ]);
  server.say([{ jsonrpc: "2.0", method: "notifications/initialized" }]);
  server.say(ping(33));
  expect((await server.answer(33)).result).toEqual({});
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("it ends although nobody reads its log any more", async () => {
  const server = start(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.stderr?.destroy();
  server.child.stdin.write("[]\n".repeat(500));
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("SIGTERM ends it the same way", async () => {
  const server = start(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
});

test("a passport as the key is shown what an agent may use, before anything is opened", async () => {
  const client = await connect(
    "v2 2026-07-28",
    testEnv(makeHome(), { STACK_API_KEY: "eyJhbGciOiJFZERTQSJ9.e30.x" }),
  );
  const tools = (await client.listTools()).map(({ name }) => name);
  expect(tools).toContain("stack_get_balance");
  expect(tools).not.toContain("stack_publish_skill");
});

test("a wrong key is an error that says where it came from, and never another identity", async () => {
  const client = await connect(
    "v2 2026-07-28",
    testEnv(makeHome(), { STACK_API_KEY: "sk_live_op_wrong" }),
  );
  expect((await client.listTools()).length).toBeGreaterThan(5);
  const answer = await client.call("stack_get_balance");
  expect(answer.isError).toBe(true);
  expect(errorIn(answer.text)).toMatchObject({
    error: {
      code: "INVALID_API_KEY",
      retry: "after_action",
      message: expect.stringContaining("from STACK_API_KEY"),
    },
  });
});

test.each([
  [
    "below a file",
    (home: string) => join(home, "a-file", "home"),
    /a-file\/home cannot be used \(ENOTDIR\).*Set STACK_HOME/,
  ],
  ["where nothing can be made", () => "/proc/nowhere", /\/proc\/nowhere cannot be used \(ENOENT\)/],
  [
    "with a database that is none",
    (home: string) => home,
    /stack\.db is damaged, or is none\. Restore/,
  ],
])(
  "a data folder %s is told on stderr and to every call, with one sentence",
  async (_, place, reason) => {
    const home = makeHome();
    writeFileSync(join(home, "a-file"), "");
    writeFileSync(
      join(home, "stack.db"),
      "this is no database, but it is long enough to be looked at as one".repeat(20),
    );
    const server = start(testEnv(place(home)));
    server.say(INITIALIZE);
    await server.answer(1);
    server.say(callTool(2, "stack_get_balance", {}));
    const { result } = await server.answer(2);
    expect(result).toMatchObject({ isError: true });
    const { content } = result as { content: [{ text: string }] };
    const [{ text }] = content;
    expect(errorIn(text)).toMatchObject({
      error: { code: "MISCONFIGURED", retry: "after_action" },
    });
    expect(text).toMatch(reason);
    await expect.poll(() => server.stderr(), { timeout: 10_000 }).toMatch(reason);
    server.child.stdin.end();
    expect(await server.ended).toBe(1);
    expect(server.stderr()).not.toMatch(/\n\s+at /);
  },
);

test.each(CLIENT_KINDS)(
  "a %s client sees tools, instructions and the local operator",
  async (kind) => {
    const client = await connect(kind, testEnv(makeHome()));
    expect(client.era).toBe(kind === "v2 2026-07-28" ? "modern" : "legacy");
    const tools = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain("stack_invoke_skill");
    expect(client.instructions()).toContain("stack_browse_skills");
    const balance = await client.call("stack_get_balance");
    expect(balance.structured).toMatchObject({ balance_cents: 1_000, play_money: true });
    const refused = await client.call("stack_publish_skill", { name: "x" });
    expect(refused.isError).toBe(true);
    expect(errorIn(refused.text)).toMatchObject({
      error: { code: "INVALID_REQUEST", retry: "fix_input" },
    });
  },
);

test("two programs on one folder see each other's work within the wait", async () => {
  const home = makeHome();
  const [one, two] = [
    await connect("v1", testEnv(home)),
    await connect("v2 2026-07-28", testEnv(home)),
  ];
  const draft = {
    ...sealedScript("return {};"),
    execution_mode: "open",
    execution_steps: undefined,
    price_per_invocation: 10,
  };
  const skill = await one.call("stack_publish_skill", JSON.parse(JSON.stringify(draft)));
  const job = await two.call("stack_invoke_skill", {
    skill_id: skill.structured?.id,
    input: {},
    wait_ms: 0,
  });
  const end = two.call("stack_check_invocation", {
    invocation_id: job.structured?.id,
    wait_ms: 20_000,
  });
  await one.call("stack_complete_invocation", {
    invocation_id: job.structured?.id,
    output: { done: 1 },
  });
  expect((await end).structured).toMatchObject({ status: "completed", output: { done: 1 } });
});

test.each([
  ["under one key", { idempotency_key: "once" }],
  ["without a key", {}],
])(
  "fifty parallel identical calls %s through two programs are one invocation and one charge",
  async (_, key) => {
    const home = makeHome();
    const clients = [
      await connect("v1", testEnv(home)),
      await connect("v2 2026-07-28", testEnv(home)),
    ];
    const skill = await clients[0]?.call("stack_publish_skill", sealedScript("return {};"));
    const order = { skill_id: skill?.structured?.id, input: {}, ...key, wait_ms: 20_000 };
    const calls = clients.flatMap((client) =>
      Array.from({ length: 25 }, () => client.call("stack_invoke_skill", order)),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((answer) => answer.structured?.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.structured?.status))).toEqual(
      new Set(["completed"]),
    );
    // The local operator bought its own skill: 26 cents out of the wallet, 17 of them earned.
    const balance = await clients[1]?.call("stack_get_balance");
    expect(balance?.structured).toMatchObject({
      balance_cents: 974,
      held_cents: 0,
      earnings_cents: 17,
    });
  },
);

test("a client that never reads stderr neither stops the server nor keeps it from ending", async () => {
  const env = testEnv(makeHome(), { STACK_LOG: "debug", STACK_API_KEY: "sk_live_op_wrong" });
  const child = spawn(process.execPath, [programPath, "--no-seed"], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let answers = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    answers += chunk.toString("utf8").split("\n").length - 1;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
  const calls = 1_500;
  for (let id = 2; id < calls + 2; id++)
    child.stdin.write(`${JSON.stringify(callTool(id, "stack_get_balance", {}))}\n`);
  await expect.poll(() => answers, { timeout: 30_000 }).toBe(calls + 1);
  child.stdin.end();
  expect(await ended).toBe(0);
});
