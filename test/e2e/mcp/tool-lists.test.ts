import { expect, test } from "vitest";
import { connectTo, errorIn } from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { ACCEPT, modern } from "../../helpers/mcp-wire.ts";
import { send, startTestServer } from "../../helpers/server.ts";
import { INITIALIZE, startStdio } from "../../helpers/stdio.ts";

test.each([
  ["the URL", { query: "?tools=wallet,stack_get_skill" }],
  ["a header", { headers: { "x-stack-tools": "wallet,stack_get_skill" } }],
])("lists and calls what %s chooses, within what the host allows", async (_where, choice) => {
  const server = await startTestServer({ env: { STACK_EXCLUDE_TOOLS: "stack_subscribe" } });
  const client = await connectTo("v2 2026-07-28", {
    url: server.url,
    apiKey: server.localKey,
    ...choice,
  });
  const names = (await client.listTools()).map(({ name }) => name);
  expect(names).toContain("stack_list_transactions");
  expect(names).toContain("stack_get_skill");
  expect(names).not.toContain("stack_subscribe");
  expect(names).not.toContain("stack_browse_skills");
  await expect(client.call("stack_subscribe", { plan: "developer" })).rejects.toThrow(
    /Unknown tool/,
  );
});

test("lets who asked for reading alone change nothing", async () => {
  const server = await startTestServer();
  const client = await connectTo("v2 2026-07-28", {
    url: server.url,
    apiKey: server.localKey,
    headers: { "x-stack-readonly": "1" },
  });
  const names = (await client.listTools()).map(({ name }) => name);
  expect(names).not.toContain("stack_publish_skill");
  const detour = await client.call("stack_run_read", {
    tool: "stack_topup",
    arguments: { amount_cents: 1_000 },
  });
  expect(errorIn(detour.text)).toMatchObject({ error: { code: "NOT_FOUND" } });
});

test("lets no request widen a host that is for reading alone", async () => {
  const server = await startTestServer({ env: { STACK_READ_ONLY: "1" } });
  const client = await connectTo("v2 2026-07-28", {
    url: server.url,
    apiKey: server.localKey,
    query: "?tools=all&readonly=0",
  });
  expect((await client.listTools()).map(({ name }) => name)).not.toContain("stack_publish_skill");
  const { status } = await send(server, "POST /v1/billing/topup", {
    key: server.localKey,
    body: { amount_cents: 1_000 },
  });
  expect(status).toBe(403);
});

test.each([
  ["the environment chooses, without a flag", ["--no-seed"]],
  ["a flag adds to the environment", ["--no-seed", "--exclude-tools", "stack_list_payouts"]],
])("lists over stdio what %s", async (_, flags) => {
  const env = { STACK_READ_ONLY: "1", STACK_TOOLS: "wallet" };
  const server = startStdio(testEnv(makeHome(), env), flags);
  server.say(INITIALIZE);
  await server.answer(1);
  server.say({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  const { tools } = (await server.answer(2)).result as { tools: { name: string }[] };
  const names = tools.map(({ name }) => name);
  expect(names).toContain("stack_list_transactions");
  expect(names.includes("stack_list_payouts")).toBe(!flags.includes("stack_list_payouts"));
  expect(names).not.toContain("stack_topup");
  expect(names).not.toContain("stack_subscribe");
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("takes tools that there are not for a fault of the request", async () => {
  const server = await startTestServer();
  const answer = await send(server, "POST /mcp?tools=everything", {
    key: server.localKey,
    headers: ACCEPT,
    body: {},
  });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: "INVALID_REQUEST" } } });
  expect(server.logged.join()).not.toContain("a request failed");
});

test("lists what its caller has the rights for, and keeps the list for nobody else", async () => {
  const server = await startTestServer();
  const listFor = async (key: string) => {
    const { message } = await modern(server, key, "tools/list", {});
    const { cacheScope, tools } = message.result;
    expect(cacheScope).toBe("private");
    return tools.map(({ name }) => name);
  };
  expect(await listFor(server.localKey)).toHaveLength(18);
  expect(await listFor(await server.keyFor("local", ["skills:read", "wallet:read"]))).toEqual([
    "stack_browse_skills",
    "stack_get_skill",
    "stack_check_trust_level",
    "stack_quote_skill",
    "stack_check_invocation",
    "stack_get_balance",
    "stack_find_tools",
    "stack_run_read",
    "stack_run_write",
  ]);
});

test("tells a key that may only read so by every other tool", async () => {
  const server = await startTestServer();
  const key = await server.keyFor("local", ["skills:read"]);
  const client = await connectTo("v1 sse", { url: server.url, apiKey: key });
  expect((await client.call("stack_browse_skills")).isError).toBe(false);
  for (const [tool, input] of [
    ["stack_get_balance", {}],
    ["stack_run_read", { tool: "stack_list_transactions", arguments: {} }],
    ["stack_run_write", { tool: "stack_favorite_skill", arguments: { skill_id: "x" } }],
  ] as const) {
    const { isError, text } = await client.call(tool, input);
    expect([tool, isError, errorIn(text).error.code]).toEqual([tool, true, "FORBIDDEN"]);
  }
});
