import { expect, test } from "vitest";
import { agentAtWork } from "../helpers/agent-at-work.ts";
import { carrying, type Issued, issue } from "../helpers/agents.ts";
import { ACCEPT } from "../helpers/mcp-wire.ts";
import { send, startTestServer } from "../helpers/server.ts";

test("keeps an agent's idempotency keys its own", async () => {
  const { owner, order, carried, app, agent } = await agentAtWork({ start: false });
  const keyed = { ...order, idempotency_key: "tomorrow" };
  const first = await carried.ok<{ id: string }>("stack_invoke_skill", keyed);
  expect((await carried.ok<{ id: string }>("stack_invoke_skill", keyed)).id).toBe(first.id);
  const own = await owner.ok<{ id: string }>("stack_invoke_skill", {
    ...keyed,
    input: { other: 1 },
  });
  const session = carrying(app, (await issue(owner, agent.id)).token);
  const other = await session.ok<{ id: string }>("stack_invoke_skill", {
    ...keyed,
    input: { third: 1 },
  });
  expect(new Set([first.id, own.id, other.id]).size).toBe(3);
});

test("keeps nobody from buying because another's orders wait for approval", async () => {
  const { app, owner, agent, order } = await agentAtWork({ start: false });
  const timid = carrying(
    app,
    (await issue(owner, agent.id, { mandate: { approve_over_cents: 0 } })).token,
  );
  for (let i = 0; i < 100; i++) await timid.ok("stack_invoke_skill", { ...order, repeat: true });
  expect(await timid.refused("stack_invoke_skill", { ...order, repeat: true })).toMatchObject({
    code: "RATE_LIMITED",
  });
  await app.services.operators.fund(owner.id, 10_000);
  await owner.ok("stack_invoke_skill", order);
});

test("gives an agent's passports one rate, and keeps its MCP session at a checkpoint", async () => {
  const server = await startTestServer();
  await server.createOperator("owner");
  const key = await server.keyFor("owner");
  const agents = { name: "helper", accountability_mode: "enforced" };
  const { body: agent } = await send(server, "POST /v1/agents/register", { key, body: agents });
  const ask = { agent_id: agent.id, intent: { summary: "x", services: [] } };
  const issued = (await send(server, "POST /v1/passports/issue", { key, body: ask }))
    .body as unknown as Issued;
  const rpc = (token: string, body: object, headers: Record<string, string> = {}) =>
    send(server, "POST /mcp", {
      key: token,
      body: { jsonrpc: "2.0", id: 1, ...body },
      headers: { ...ACCEPT, ...headers },
    });
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "0" },
  };
  const session =
    (await rpc(issued.token, { method: "initialize", params })).headers.get("mcp-session-id") ?? "";
  const next = (
    await send(server, `POST /v1/passports/${issued.jti}/checkpoint`, {
      key: issued.token,
      body: {},
    })
  ).body as unknown as Issued;
  const headers = { "mcp-session-id": session, "mcp-protocol-version": "2025-06-18" };
  expect((await rpc(next.token, { method: "tools/list" }, headers)).status).toBe(200);
  const other = (await send(server, "POST /v1/passports/issue", { key, body: ask }))
    .body as unknown as Issued;
  expect((await rpc(other.token, { method: "tools/list" }, headers)).status).toBe(404);
  const statuses = [];
  for (let i = 0; i < 610; i++)
    statuses.push(
      (await send(server, "GET /v1/passports", { key: i % 2 ? next.token : other.token })).status,
    );
  expect(statuses.at(-1)).toBe(429);
});
