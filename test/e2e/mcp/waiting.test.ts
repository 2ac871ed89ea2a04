import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { connectTo, HTTP_CLIENT_KINDS } from "../../helpers/clients.ts";
import { ACCEPT, legacy } from "../../helpers/mcp-wire.ts";
import { send, startTestServer } from "../../helpers/server.ts";
import { openSkill } from "../../helpers/skills.ts";

describe.each(HTTP_CLIENT_KINDS)("while work goes on (%s)", (kind) => {
  test("tells progress, and changes of an invocation to its own subscribers alone", async () => {
    const server = await startTestServer();
    const { url, localKey } = server;
    const seller = await connectTo(kind, {
      url,
      apiKey: await server.createOperator("seller"),
      query: "?tools=all",
    });
    const buyer = await connectTo(kind, { url, apiKey: localKey });
    const stranger = await connectTo(kind, {
      url,
      apiKey: await server.createOperator("stranger"),
    });
    const { id: skill } = (await seller.call("stack_publish_skill", openSkill())).structured ?? {};
    const { id } =
      (await buyer.call("stack_invoke_skill", { skill_id: skill, input: {}, wait_ms: 0 }))
        .structured ?? {};
    const uri = `stack://invocations/${id}`;
    await buyer.subscribe(uri);
    let strangers = 0;
    void stranger.nextUpdate(uri).then(() => strangers++);
    await stranger.subscribe(uri).catch(() => {});
    const updated = buyer.nextUpdate(uri);
    await seller.call("stack_claim_invocation", { invocation_id: id });
    await updated;
    const told: string[] = [];
    const waiting = buyer.call(
      "stack_check_invocation",
      { invocation_id: id, wait_ms: 20_000 },
      (message) => told.push(message),
    );
    await seller.call("stack_renew_invocation", { invocation_id: id, progress: 50, note: "half" });
    await expect.poll(() => told.join()).toContain("50 %");
    await seller.call("stack_complete_invocation", { invocation_id: id, output: { text: "done" } });
    expect((await waiting).structured).toMatchObject({ status: "completed" });
    expect(strangers).toBe(0);
  });
});

test("does not wait for a caller that goes away, and lets its order stand", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const { body: skill } = await send(server, "POST /v1/skills", { key, body: openSkill() });
  const { body: order } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key,
    body: { input: {}, wait_ms: 0 },
  });
  const given = { invocation_id: order.id, wait_ms: 25_000 };
  const ended: string[] = [];
  server.app.engine.onCall(({ name }) => ended.push(name));
  const leaving = new AbortController();
  const { signal } = leaving;
  const headers = { ...ACCEPT, authorization: `Bearer ${key}`, "content-type": "application/json" };
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "stack_check_invocation", arguments: given },
  });
  const gone = [
    fetch(`${server.url}/v1/skills/invocations/${order.id}?wait_ms=25000`, { headers, signal }),
    fetch(`${server.url}/mcp`, { method: "POST", headers, body, signal }),
  ].map((one) => one.then((answer) => answer.text()).catch(() => "gone"));
  const reads = () => send(server, "GET /v1/skills/mine", { key });
  await reads();
  leaving.abort();
  expect((await Promise.all(gone))[0]).toBe("gone");
  await expect
    .poll(() => ended.filter((name) => name === "stack_check_invocation").length, {
      timeout: 5_000,
    })
    .toBe(2);
  const { body: still } = await send(server, `GET /v1/skills/invocations/${order.id}`, { key });
  expect(still.status).toBe("pending");
});

test("tells who waits on any transport how far it is at a stop, and loses no money", async () => {
  const server = await startTestServer();
  const { localKey: key, url } = server;
  const { body: skill } = await send(server, "POST /v1/skills", {
    key,
    body: openSkill({ price_per_invocation: 10 }),
  });
  const input = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 25_000 };
  const waiting = [];
  for (const kind of HTTP_CLIENT_KINDS) {
    const client = await connectTo(kind, { url, apiKey: key });
    waiting.push(
      client.call("stack_invoke_skill", input).then(({ structured }) => structured?.status),
    );
  }
  waiting.push(
    legacy(server, key, "tools/call", { name: "stack_invoke_skill", arguments: input }).then(
      ({ message }) => message.result.structuredContent.status,
    ),
  );
  const count = () => server.app.store.read((r) => r.invocations.countPending());
  await expect.poll(count).toBe(waiting.length);
  const began = performance.now();
  await server.stop();
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => "pending"));
  const again = await startTestServer({ home: server.home });
  expect(await again.app.services.wallet.findLedgerProblems()).toEqual([]);
  const { body } = await send(again, "GET /v1/billing/balance", { key });
  expect(body).toMatchObject({ held_cents: 10 * waiting.length });
});

test("stops as it should although the database is locked", async () => {
  const server = await startTestServer();
  const { body: skill } = await send(server, "POST /v1/skills", {
    key: server.localKey,
    body: openSkill(),
  });
  const waiting = send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key: server.localKey,
    body: { input: {}, wait_ms: 25_000 },
  });
  await expect.poll(() => server.app.store.read((r) => r.invocations.countPending())).toBe(1);
  const lock = new Database(join(server.home, "stack.db"));
  lock.exec("begin immediate");
  await server.stop();
  lock.close();
  expect((await waiting).body).toMatchObject({ status: "pending" });
});
