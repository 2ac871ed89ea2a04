import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLIENT_KINDS, connect, errorIn } from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { sealedScript } from "../../helpers/skills.ts";
import { callTool, INITIALIZE, startStdio } from "../../helpers/stdio.ts";

test("fills a new folder by the first answer, unless told not to or it is somebody's", async () => {
  const names = async (home: string, flags: readonly string[]) => {
    const server = startStdio(testEnv(home), flags);
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

test("shows a passport as the key what an agent may use, before anything is opened", async () => {
  const client = await connect(
    "v2 2026-07-28",
    testEnv(makeHome(), { STACK_API_KEY: "eyJhbGciOiJFZERTQSJ9.e30.x" }),
  );
  const tools = (await client.listTools()).map(({ name }) => name);
  expect(tools).toContain("stack_get_balance");
  expect(tools).not.toContain("stack_publish_skill");
});

test("says of a wrong key where it came from, and never takes another identity", async () => {
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
  "tells of a data folder %s on stderr and at every call, with one sentence",
  async (_, place, reason) => {
    const home = makeHome();
    writeFileSync(join(home, "a-file"), "");
    writeFileSync(
      join(home, "stack.db"),
      "this is no database, but it is long enough to be looked at as one".repeat(20),
    );
    const server = startStdio(testEnv(place(home)));
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
  "shows a %s client tools, instructions and the local operator",
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

test("shows two programs on one folder each other's work within the wait", async () => {
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
  "makes fifty parallel identical calls %s through two programs one invocation and one charge",
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
