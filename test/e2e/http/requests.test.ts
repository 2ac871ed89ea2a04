import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { LIMITS } from "../../../src/shared/limits.ts";
import { send, startTestServer } from "../../helpers/server.ts";
import { openSkill } from "../../helpers/skills.ts";

test("reads path, then query or body, then headers; what is said twice must agree", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const { body: skill } = await send(server, "POST /v1/skills", { key, body: openSkill() });
  const path = `/v1/skills/${skill.id}/invoke`;
  const same = await send(server, `POST ${path}`, {
    key,
    body: { skill_id: skill.id, input: {}, wait_ms: 0 },
  });
  expect(same.status).toBe(201);
  const other = await send(server, `POST ${path}`, {
    key,
    body: { skill_id: "skl_other", input: {} },
  });
  expect(other).toMatchObject({
    status: 400,
    body: { error: { code: "INVALID_REQUEST", details: { field: "skill_id" } } },
  });
  const headers = { "idempotency-key": "k1" };
  const once = await send(server, `POST ${path}`, {
    key,
    headers,
    body: { input: { n: 1 }, wait_ms: 0 },
  });
  const again = await send(server, `POST ${path}`, {
    key,
    headers,
    body: { input: { n: 1 }, wait_ms: 0 },
  });
  const byField = await send(server, `POST ${path}`, {
    key,
    body: { input: { n: 1 }, wait_ms: 0, idempotency_key: "k1" },
  });
  expect(again.body.id).toBe(once.body.id);
  expect(byField.body.id).toBe(once.body.id);
  const differs = await send(server, `POST ${path}`, {
    key,
    headers,
    body: { input: { n: 2 }, wait_ms: 0 },
  });
  expect(differs).toMatchObject({
    status: 409,
    body: { error: { code: "IDEMPOTENCY_CONFLICT" } },
  });
  const both = await send(server, `POST ${path}`, {
    key,
    headers,
    body: { input: {}, idempotency_key: "k2" },
  });
  expect(both.status).toBe(400);
  const buyer = { "x-payment-token": "0xabc" };
  const named = await send(server, `POST ${path}`, {
    key,
    headers: buyer,
    body: { input: {}, payment_token: "0xdef" },
  });
  expect(named).toMatchObject({
    status: 400,
    body: { error: { details: { field: "payment_token" } } },
  });
  expect(named.text).toContain("the header X-Payment-Token");
  const balance = await send(server, `GET /v1/skills/${skill.id}/balance?payment_token=0xdef`, {
    key,
    headers: buyer,
  });
  expect(balance.status).toBe(400);
  const elsewhere = await send(server, `GET /v1/skills/${skill.id}`, { key, headers: buyer });
  expect(elsewhere.status).toBe(200);
});

test("reads numbers, switches and lists in a query where they are wanted, else text", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  for (const [name, tags] of [
    ["one", ["a", "b"]],
    ["two", ["a"]],
    ["three", ["b"]],
  ] as const) {
    await send(server, "POST /v1/skills", {
      key,
      body: openSkill({ name, tags, price_per_invocation: name === "one" ? 0 : 5 }),
    });
  }
  const names = async (query: string) => {
    const { body } = await send(server, `GET /v1/skills?${query}`, { key });
    return (body.items as { name: string }[] | undefined)?.map(({ name }) => name).sort() ?? body;
  };
  expect(await names("tags=a&tags=b")).toEqual(["one"]);
  expect(await names("tags=a,b")).toEqual(["one"]);
  expect(await names("free=true")).toEqual(["one"]);
  expect(await names("limit=1")).toHaveLength(1);
  expect(await names("search=one")).toEqual(["one"]);
  for (const query of [
    "limit=many",
    "limit=1.5",
    "limit=-1",
    "free=perhaps",
    "limit=1&limit=2",
    "lmit=1",
    "search=a&search=b",
  ]) {
    expect(await names(query)).toMatchObject({ error: { code: "INVALID_REQUEST" } });
  }
});

test.each([
  ["not JSON", "{", 400, "INVALID_REQUEST"],
  ["a list", "[]", 400, "INVALID_REQUEST"],
  ["a text", '"x"', 400, "INVALID_REQUEST"],
  ["nothing where something is needed", "", 400, "INVALID_REQUEST"],
  [
    "too much",
    JSON.stringify({ amount_cents: 1_000, idempotency_key: "x".repeat(LIMITS.requestBytes) }),
    413,
    "PAYLOAD_TOO_LARGE",
  ],
  [
    "deeper than anything",
    `{"amount_cents":${"[".repeat(200)}${"]".repeat(200)}}`,
    400,
    "INVALID_REQUEST",
  ],
])("refuses a body that is %s, and leaves money where it is", async (_what, body, status, code) => {
  const server = await startTestServer();
  const answer = await send(server, "POST /v1/billing/topup", { key: server.localKey, body });
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
});

test("stops reading a body that has no end", async () => {
  const server = await startTestServer();
  const { hostname, port } = new URL(server.url);
  const asked = request({
    hostname,
    port,
    path: "/v1/billing/topup",
    method: "POST",
    headers: { authorization: `Bearer ${server.localKey}` },
  });
  asked.on("error", () => {});
  const answered = once(asked, "response");
  const chunk = Buffer.alloc(256 * 1024, 0x20);
  const pushing = setInterval(() => asked.write(chunk), 1);
  const [response] = (await answered) as [{ statusCode: number; resume(): void }];
  clearInterval(pushing);
  asked.destroy();
  expect(response.statusCode).toBe(413);
});

test("answers another method with those there are, another path with where to look", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const method = await send(server, "PUT /v1/skills", { key });
  expect(method).toMatchObject({ status: 405, body: { error: { code: "METHOD_NOT_ALLOWED" } } });
  expect(method.headers.get("allow")).toBe("GET, POST");
  expect(await send(server, "GET /nowhere")).toMatchObject({
    status: 404,
    body: { error: { code: "NOT_FOUND" } },
  });
  expect(await send(server, "GET /v1/nowhere", { key })).toMatchObject({ status: 404 });
});

test("refuses a body that is no UTF-8, and skips a mark of byte order", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const post = (path: string, body: Buffer) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        accept: "application/json",
      },
      body,
    });
  const draft = JSON.stringify(openSkill({ description: "Größe" }));
  const latin = await post("/v1/skills", Buffer.from(draft, "latin1"));
  expect([latin.status, await latin.json()]).toEqual([
    400,
    {
      error: expect.objectContaining({
        code: "INVALID_REQUEST",
        message: expect.stringContaining("UTF-8"),
      }),
    },
  ]);
  const marked = await post("/v1/skills", Buffer.from(`\ufeff${draft}`));
  expect([marked.status, ((await marked.json()) as { description: string }).description]).toEqual([
    201,
    "Größe",
  ]);
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"é"}}';
  expect((await post("/mcp", Buffer.from(ping, "latin1"))).status).toBe(400);
  expect((await post("/mcp", Buffer.from(`\ufeff${ping}`))).status).toBe(200);
});

test("shows the public keys also where libraries look for them", async () => {
  const server = await startTestServer();
  const [ours, common] = [
    await send(server, "GET /v1/.well-known/jwks.json"),
    await send(server, "GET /.well-known/jwks.json"),
  ];
  expect(common).toMatchObject({ status: 200, body: ours.body });
  expect(common.headers.get("cache-control")).toBe(ours.headers.get("cache-control"));
});
