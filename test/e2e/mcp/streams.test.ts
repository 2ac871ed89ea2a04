import { once } from "node:events";
import { connect as dial } from "node:net";
import { expect, test } from "vitest";
import { LIMITS } from "../../../src/shared/limits.ts";
import { ACCEPT, envelopeOf, HELLO, VERSION } from "../../helpers/mcp-wire.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";

const listen = (server: TestServer, key: string, uris: readonly string[], signal?: AbortSignal) =>
  fetch(`${server.url}/mcp`, {
    method: "POST",
    ...(signal ? { signal } : {}),
    headers: {
      ...ACCEPT,
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "mcp-protocol-version": VERSION,
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "subscriptions/listen",
      params: {
        notifications: { resourceSubscriptions: uris },
        _meta: envelopeOf(),
      },
    }),
  });

test("refuses a subscription to more than a hundred resources before it reads any", async () => {
  const server = await startTestServer();
  const many = Array.from({ length: 40_000 }, (_, i) => `stack://skills/${i}`);
  expect((await listen(server, server.localKey, many)).status).toBe(400);
  const same = Array.from({ length: 1_000 }, () => "stack://skills/one");
  expect((await listen(server, server.localKey, same)).status).toBe(200);
});

test("leaves room for another operator's stream when one has many", async () => {
  const server = await startTestServer();
  const other = await server.createOperator("other");
  const leaving = new AbortController();
  for (let i = 0; i < LIMITS.sessions.operator + 10; i++)
    await listen(server, server.localKey, [], leaving.signal);
  expect((await listen(server, other, [], leaving.signal)).status).toBe(200);
  leaving.abort();
});

test("leaves a client that does not read before what it was told piles up", async () => {
  const server = await startTestServer();
  const { hostname, port } = new URL(server.url);
  const socket = dial(Number(port), hostname);
  await once(socket, "connect");
  socket.write(
    `GET /sse?tools=all HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${server.localKey}\r\n\r\n`,
  );
  const [first] = (await once(socket, "data")) as [Buffer];
  let told = first.toString();
  while (!told.includes("sessionId="))
    told += String(((await once(socket, "data")) as [Buffer])[0]);
  const id = /sessionId=([0-9a-f-]+)/.exec(told)?.[1];
  socket.pause();
  const post = (method: string) =>
    send(server, `POST /messages?sessionId=${id}`, {
      key: server.localKey,
      body: { jsonrpc: "2.0", id: 1, method, params: method === "initialize" ? HELLO : {} },
    });
  expect((await post("initialize")).status).toBe(202);
  const statuses = [];
  for (let i = 0; i < 300 && statuses.at(-1) !== 404; i++)
    statuses.push((await post("tools/list")).status);
  expect(statuses.at(-1)).toBe(404);
  socket.destroy();
});

test("counts each message of a batch", async () => {
  const server = await startTestServer();
  const batch = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" }));
  const statuses = [];
  for (let i = 0; i < 8; i++)
    statuses.push(
      (await send(server, "POST /mcp", { key: server.localKey, headers: ACCEPT, body: batch }))
        .status,
    );
  expect(statuses.slice(-2)).toEqual([429, 429]);
});
