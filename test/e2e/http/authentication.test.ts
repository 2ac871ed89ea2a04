import { expect, test } from "vitest";
import { OPERATOR_SCOPES, SCOPES } from "../../../src/domain/identity/caller.ts";
import { OPERATIONS } from "../../../tools/registry.ts";
import { clockAt } from "../../helpers/clock.ts";
import { send, sendOperation, startTestServer } from "../../helpers/server.ts";
import { openSkill } from "../../helpers/skills.ts";

const UNAUTHORIZED = { error: { code: "UNAUTHORIZED", retry: "after_action" } };

test("lets in nobody without a good key, and says how to show one", async () => {
  const server = await startTestServer();
  const none = await send(server, "GET /v1/billing/balance");
  expect(none).toMatchObject({ status: 401, body: UNAUTHORIZED });
  expect(none.headers.get("www-authenticate")).toBe('Bearer realm="stack-mcp"');
  for (const authorization of [
    "Basic YTpi",
    "Bearer",
    "sk_live_op_x",
    `Bearer ${"x".repeat(9_000)}`,
  ]) {
    const answer = await send(server, "GET /v1/billing/balance", { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: UNAUTHORIZED });
  }
  const { localKey: key } = server;
  for (const wrong of [
    `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`,
    key.slice(0, -1),
    "sk_live_admin_key",
  ]) {
    const answer = await send(server, "GET /v1/billing/balance", { key: wrong });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "INVALID_API_KEY" } } });
    expect(answer.text).not.toContain(wrong);
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  }
  const forged = await send(server, "GET /v1/billing/balance", { key: "eyJ.a.b" });
  expect(forged).toMatchObject({ status: 401, body: UNAUTHORIZED });
  expect(forged.headers.get("www-authenticate")).toContain('error="invalid_token"');
  for (const path of ["/mcp", "/sse", "/messages", "/metrics"]) {
    expect(
      (await send(server, `${path === "/messages" || path === "/mcp" ? "POST" : "GET"} ${path}`))
        .status,
    ).toBe(401);
  }
});

test("ends a key when it is revoked, and when its time has passed", async () => {
  let now = Date.now();
  const server = await startTestServer({ clock: clockAt(() => now) });
  const { keys } = server.app.services;
  const made = await keys.create({ operator: "local", name: "short", expiresInDays: 1 });
  const ask = () => send(server, "GET /v1/billing/balance", { key: made.api_key });
  expect((await ask()).status).toBe(200);
  now += 86_400_000;
  expect((await ask()).status).toBe(401);
  expect((await keys.list("local")).find(({ key_id }) => key_id === made.key_id)?.status).toBe(
    "expired",
  );
  const other = await keys.create({ operator: "local", name: "gone" });
  expect((await send(server, "GET /v1/billing/balance", { key: other.api_key })).status).toBe(200);
  await keys.revoke(other.key_id);
  expect((await send(server, "GET /v1/billing/balance", { key: other.api_key })).status).toBe(401);
  await expect(keys.revoke("key_nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("refuses every operation to a key without its scope", async () => {
  const server = await startTestServer();
  for (const operation of OPERATIONS.filter(
    (one) => one.rest !== false && one.audience !== "anyone",
  )) {
    const key = await server.keyFor(
      "local",
      SCOPES.filter((scope) => scope !== operation.scope),
    );
    const answer = await sendOperation(server, key, operation, { ...operation.example });
    const error = { code: "FORBIDDEN", details: { scope: operation.scope } };
    expect([operation.name, answer]).toMatchObject([
      operation.name,
      { status: 403, body: { error } },
    ]);
  }
});

test("makes admin whom the host names: the local operator, or a key", async () => {
  const server = await startTestServer();
  const ordinary = await server.createOperator("ordinary");
  const reviews = (key: string) => send(server, "GET /v1/skills/pending-reviews", { key });
  expect((await reviews(ordinary)).status).toBe(403);
  expect((await reviews(server.localKey)).status).toBe(200);
  expect((await reviews(await server.keyFor("ordinary", ["admin"]))).status).toBe(200);
  expect((await reviews(await server.keyFor("local", OPERATOR_SCOPES))).status).toBe(403);
});

test("answers missing, malformed and foreign ids alike", async () => {
  const server = await startTestServer();
  const other = await server.createOperator("other");
  const mine = await send(server, "POST /v1/skills", { key: other, body: openSkill() });
  const bought = await send(server, `POST /v1/skills/${mine.body.id}/invoke`, {
    key: other,
    body: { input: {}, wait_ms: 0 },
  });
  const ids = [
    String(bought.body.id),
    "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx",
    "sinv_x",
    "'; drop table",
    "..%2f..%2fv1",
  ];
  const answers = [];
  for (const id of ids) {
    const { status, text } = await send(
      server,
      `GET /v1/skills/invocations/${encodeURIComponent(id)}`,
      {
        key: server.localKey,
      },
    );
    answers.push([status, text]);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.[0]).toBe(404);
});
