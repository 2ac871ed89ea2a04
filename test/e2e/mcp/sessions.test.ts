import { expect, test } from "vitest";
import { LIMITS } from "../../../src/shared/limits.ts";
import { connectTo } from "../../helpers/clients.ts";
import { legacy, openSession } from "../../helpers/mcp-wire.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";

const ping = (server: TestServer, key: string, session: string) =>
  legacy(server, key, "ping", {}, session);

test("shows a session to no other key than its own, of the same operator neither", async () => {
  const server = await startTestServer();
  const session = await openSession(server, server.localKey);
  expect((await ping(server, server.localKey, session)).status).toBe(200);
  const others = [
    await server.keyFor("local"),
    await server.keyFor("local", ["skills:read"]),
    await server.createOperator("other"),
  ];
  for (const key of others) expect((await ping(server, key, session)).status).toBe(404);
  expect((await ping(server, server.localKey, "made-up")).status).toBe(404);
});

test("ends a revoked key in a session that is open", async () => {
  const server = await startTestServer();
  const { keys } = server.app.services;
  const made = await keys.create({ operator: "local", name: "short" });
  const client = await connectTo("v1", { url: server.url, apiKey: made.api_key });
  expect((await client.call("stack_get_balance")).isError).toBe(false);
  await keys.revoke(made.key_id);
  await expect(client.call("stack_get_balance")).rejects.toThrow(/INVALID_API_KEY|401/);
});

test("drops the session that was used longest ago for a new one", async () => {
  const server = await startTestServer();
  const first = await openSession(server, server.localKey);
  const second = await openSession(server, server.localKey);
  await ping(server, server.localKey, first);
  for (let i = 2; i <= LIMITS.sessions.operator; i++) await openSession(server, server.localKey);
  expect((await ping(server, server.localKey, second)).status).toBe(404);
  expect((await ping(server, server.localKey, first)).status).toBe(200);
});

test("opens a session by GET alone, and leaves one that was refused a stream idle", async () => {
  const server = await startTestServer();
  expect((await send(server, "HEAD /sse", { key: server.localKey })).status).toBe(405);
  const session = await openSession(server, server.localKey);
  const refused = await send(server, "GET /mcp", {
    key: server.localKey,
    headers: { accept: "text/plain", "mcp-session-id": session },
  });
  expect(refused.status).toBe(406);
});
