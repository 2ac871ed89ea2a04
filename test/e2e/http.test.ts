import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect as dial } from "node:net";
import { describe, expect, test } from "vitest";
import { startHttpServer } from "../../src/bin/serve.ts";
import { loadConfig } from "../../src/config/config.ts";
import { OPERATOR_SCOPES, SCOPES } from "../../src/domain/identity/caller.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { clockAt } from "../helpers/clock.ts";
import { makeHome, testEnv } from "../helpers/home.ts";
import { send, sendOperation, startTestServer } from "../helpers/server.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

const UNAUTHORIZED = { error: { code: "UNAUTHORIZED", retry: "after_action" } };

describe("who is let in", () => {
  test("nobody without a good key, and the answer says how to show one", async () => {
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

  test("a key ends when it is revoked, and when its time has passed", async () => {
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
    expect((await send(server, "GET /v1/billing/balance", { key: other.api_key })).status).toBe(
      200,
    );
    await keys.revoke(other.key_id);
    expect((await send(server, "GET /v1/billing/balance", { key: other.api_key })).status).toBe(
      401,
    );
    await expect(keys.revoke("key_nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("every operation is refused to a key without its scope", async () => {
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

  test("admin is what the host gives: to the local operator, or to a key by name", async () => {
    const server = await startTestServer();
    const ordinary = await server.enter("ordinary");
    const reviews = (key: string) => send(server, "GET /v1/skills/pending-reviews", { key });
    expect((await reviews(ordinary)).status).toBe(403);
    expect((await reviews(server.localKey)).status).toBe(200);
    expect((await reviews(await server.keyFor("ordinary", ["admin"]))).status).toBe(200);
    expect((await reviews(await server.keyFor("local", OPERATOR_SCOPES))).status).toBe(403);
  });

  test("missing, malformed and foreign ids are the same answer", async () => {
    const server = await startTestServer();
    const other = await server.enter("other");
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
});

describe("what is asked", () => {
  test("names in the path, then query or body, then headers; what is said twice must be the same", async () => {
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

  test("a query is numbers, switches and lists where the operation has them, and text elsewhere", async () => {
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
  ])(
    "a body that is %s is refused, and money stays where it is",
    async (_what, body, status, code) => {
      const server = await startTestServer();
      const answer = await send(server, "POST /v1/billing/topup", { key: server.localKey, body });
      expect(answer).toMatchObject({ status, body: { error: { code } } });
      expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
    },
  );

  test("a body without an end is not read without an end", async () => {
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

  test("another method is named with those that there are, another path with where to look", async () => {
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
});

describe("from where", () => {
  const ask = async (url: string, headers: Record<string, string>) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path: "/health/live", headers, setHost: false });
    asked.end();
    const [response] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };

  test("a name that the server does not go by is refused, whatever it resolves to", async () => {
    const server = await startTestServer({
      env: { STACK_PUBLIC_URL: "https://stack.example", STACK_ALLOWED_HOSTS: "other.example" },
    });
    const { host } = new URL(server.url);
    for (const name of [host, "localhost:1", "[::1]", "stack.example", "other.example:8080"])
      expect([name, await ask(server.url, { host: name })]).toEqual([name, 200]);
    for (const name of [
      "evil.example",
      "127.0.0.1.evil.example",
      "stack.example.evil.example",
      "0.0.0.0",
      "",
      "a b",
    ]) {
      expect([name, [400, 403].includes((await ask(server.url, { host: name })) ?? 0)]).toEqual([
        name,
        true,
      ]);
    }
  });

  test("a page of another origin is refused, unless it was named; then its browser may read the answer", async () => {
    const home = makeHome();
    writeFileSync(`${home}/config.json`, JSON.stringify({ cors_origins: ["https://app.example"] }));
    const server = await startTestServer({ home });
    const from = (origin: string, line = "GET /v1/billing/balance") =>
      send(server, line, { key: server.localKey, headers: { origin } });
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    expect((await from(server.url)).status).toBe(200);
    const named = await from("https://app.example");
    expect(named.status).toBe(200);
    expect(named.headers.get("access-control-allow-origin")).toBe("https://app.example");
    const preflight = (origin: string) =>
      send(server, "OPTIONS /v1/skills", {
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        },
      });
    // Whose requests are let in may also ask before, and read the answer; a page on another port of this machine among them.
    for (const origin of [
      "https://app.example",
      server.url,
      "http://localhost:3000",
      "http://127.0.0.1:5173",
    ]) {
      const asked = await preflight(origin);
      expect([origin, asked.status]).toEqual([origin, 204]);
      expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
      for (const { headers } of [asked, await from(origin)]) {
        expect(headers.get("access-control-allow-origin")).toBe(origin);
        expect(headers.get("access-control-allow-credentials")).toBeNull();
      }
    }
    for (const origin of ["https://evil.example", "http://localhost.evil.example:3000", "null"]) {
      const refused = await preflight(origin);
      expect([origin, refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
        origin,
        403,
        null,
      ]);
    }
  });

  test("beyond this machine a server is not started without a name", async () => {
    const config = loadConfig(testEnv(makeHome()));
    await expect(startHttpServer(config, { host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "MISCONFIGURED",
      message: expect.stringContaining("STACK_ALLOWED_HOSTS"),
    });
    const named = await startHttpServer(
      loadConfig(testEnv(makeHome(), { STACK_ALLOWED_HOSTS: "stack.example" })),
      {
        host: "0.0.0.0",
        port: 0,
      },
    );
    expect(await ask(named.url, { host: "stack.example" })).toBe(200);
    await named.stop();
  });

  test("a port that is taken is said so", async () => {
    const server = await startTestServer();
    const { port } = new URL(server.url);
    await expect(startTestServer({ port: Number(port) })).rejects.toMatchObject({
      message: expect.stringContaining("the port is taken"),
    });
  });
});

describe("how often", () => {
  test("a key has 600 requests a minute, and another key its own", async () => {
    const server = await startTestServer();
    const statuses = [];
    for (let i = 0; i < 610; i++)
      statuses.push((await send(server, "GET /v1/skills/mine", { key: server.localKey })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(600);
    const refused = await send(server, "GET /v1/skills/mine", { key: server.localKey });
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { code: "RATE_LIMITED", retry: "later" } },
    });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(
      (await send(server, "GET /v1/skills/mine", { key: await server.keyFor("local") })).status,
    ).toBe(200);
  });

  test("who guesses keys has 60 tries a minute; good keys from there still work", async () => {
    const server = await startTestServer();
    const guess = () => send(server, "GET /v1/skills/mine", { key: "sk_live_op_guess" });
    for (let i = 0; i < 60; i++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
    expect((await send(server, "GET /v1/skills/mine", { key: server.localKey })).status).toBe(200);
  });

  test("behind a proxy on this machine, each address has its own tries, as the proxy tells them", async () => {
    const server = await startTestServer({ env: { STACK_PUBLIC_URL: "https://stack.example" } });
    const guess = (address: string) =>
      send(server, "GET /v1/skills/mine", {
        headers: { "x-forwarded-for": `6.6.6.6, ${address}` },
      });
    for (let i = 0; i < 60; i++) expect((await guess("10.0.0.1")).status).toBe(401);
    expect((await guess("10.0.0.1")).status).toBe(429);
    expect((await guess("10.0.0.2")).status).toBe(401);
  });
});

describe("for who watches over it", () => {
  test("health and figures", async () => {
    const server = await startTestServer();
    expect((await send(server, "GET /health/live")).body).toEqual({ status: "live" });
    expect((await send(server, "GET /health/ready")).body).toEqual({ status: "ready" });
    const { localKey: key } = server;
    const { body: skill } = await send(server, "POST /v1/skills", {
      key,
      body: sealedScript("return {};"),
    });
    await send(server, `POST /v1/skills/${skill.id}/invoke`, {
      key,
      body: { input: {}, wait_ms: 20_000 },
    });
    await send(server, "POST /v1/skills/skl_secretvalue/invoke", { key, body: { input: {} } });
    expect(
      (await send(server, "GET /metrics", { key: await server.enter("ordinary") })).status,
    ).toBe(403);
    await send(server, "GET /nothing/secretvalue");
    const { text, status } = await send(server, "GET /metrics", { key });
    expect(status).toBe(200);
    for (const line of [
      'stack_invocations_total{status="completed",verdict=""} 1',
      "stack_ledger_problems 0",
      "stack_queue_age_seconds 0",
      /stack_sandbox_spares\{runtime="javascript"\} \d/,
      'stack_call_seconds_count{operation="stack_invoke_skill",outcome="ok"} 1',
      'stack_call_seconds_count{operation="stack_invoke_skill",outcome="SKILL_NOT_FOUND"} 1',
      'stack_http_request_seconds_count{method="POST",route="/v1/skills/:skill_id/invoke",status="201"} 1',
      "process_resident_memory_bytes",
    ]) {
      if (line instanceof RegExp) expect(text).toMatch(line);
      else expect(text).toContain(line);
    }
    expect(text).not.toContain("secretvalue");
    // What was asked for is told by its route, and what there is not by none.
    expect(text).toContain(
      'stack_http_request_seconds_count{method="GET",route="/health/live",status="200"} 1',
    );
    expect(text).toContain(
      'stack_http_request_seconds_count{method="GET",route="none",status="404"} 1',
    );
    // Two operators began with 1,000 cents, and one of them paid itself 25 and compute.
    expect(text).toMatch(/stack_money_cents\{of="wallets"\} 197\d/);
    expect(text).toContain('stack_money_cents{of="holds"} 0');
    expect(text).toContain('stack_waiting{for="approval"} 0');
    // Rules and dashboard are of use only as long as what they name is there.
    for (const file of ["alerts.yml", "dashboard.json"]) {
      const lines = readFileSync(
        new URL(`../../docs/monitoring/${file}`, import.meta.url),
        "utf8",
      ).split("\n");
      const named = lines.filter((line) => /^\s*"?expr"?:/.test(line)).join("\n");
      const names = new Set(named.match(/\b(?:stack|process)_[a-z_]+(?=[{)[ "\n])/g));
      expect(names.size, file).toBeGreaterThan(3);
      for (const name of names) expect(text, `${file} names ${name}`).toContain(`\n${name}`);
    }
  });

  test("a request has an id in its answer and in the log, and the log has no value of it", async () => {
    const server = await startTestServer();
    const headers = { "x-request-id": "from-the-caller-1" };
    const answer = await send(server, "GET /v1/skills?search=canary-value", {
      key: server.localKey,
      headers,
    });
    expect(answer.headers.get("x-request-id")).toBe("from-the-caller-1");
    const wild = await send(server, "GET /v1/skills/canary-id", {
      key: server.localKey,
      headers: { "x-request-id": 'a b"{' },
    });
    expect(wild.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const log = server.logged.join("\n");
    expect(log).toContain("from-the-caller-1");
    expect(log).toContain("/v1/skills/:skill_id");
    for (const secret of ["canary", server.localKey, server.localKey.slice(-43)])
      expect(log).not.toContain(secret);
  });
});

describe("when it stops", () => {
  test("a request that was being sent is told to come back, and readiness ends at once", async () => {
    const server = await startTestServer();
    const { localKey: key } = server;
    // Something that runs keeps it from being gone before it is asked.
    const code = "const end = Date.now() + 1500; while (Date.now() < end) {} return {};";
    const { body: skill } = await send(server, "POST /v1/skills", {
      key,
      body: sealedScript(code),
    });
    const { body: run } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
      key,
      body: { input: {}, wait_ms: 0 },
    });
    expect(run.status).toBe("processing");
    const begun = async (path: string) => {
      const socket = dial(Number(new URL(server.url).port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`);
      return socket;
    };
    const sockets = [await begun("/health/ready"), await begun("/v1/skills")];
    // Their first half has arrived when another request was answered.
    await send(server, "GET /health/live");
    const stopped = server.stop();
    const answers = sockets.map(async (socket) => {
      socket.write("\r\n");
      const [data] = (await once(socket, "data")) as [Buffer];
      return data.toString();
    });
    const [ready, asked] = await Promise.all(answers);
    expect(ready).toMatch(/^HTTP\/1\.1 503 [\s\S]*"stopping"/);
    expect(asked).toMatch(/^HTTP\/1\.1 503 [\s\S]*"BUSY"/);
    await stopped;
  });

  test("nobody new is let in, what runs ends, who waits is answered, and no hold is left", async () => {
    const server = await startTestServer({ env: { STACK_SANDBOX_SLOTS: "1" } });
    const { localKey: key, app } = server;
    const code = "const end = Date.now() + 700; while (Date.now() < end) {} return {};";
    const { body: skill } = await send(server, "POST /v1/skills", {
      key,
      body: sealedScript(code),
    });
    const { body: open } = await send(server, "POST /v1/skills", {
      key,
      body: openSkill({ price_per_invocation: 50 }),
    });
    const invoke = (id: unknown) =>
      send(server, `POST /v1/skills/${id}/invoke`, {
        key,
        body: { input: {}, repeat: true, wait_ms: 25_000 },
      });
    const [running, queued, byHand] = [invoke(skill.id), invoke(skill.id), invoke(open.id)];
    const socket = dial(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    await expect
      .poll(() =>
        app.store
          .read((r) => r.invocations.countByEnd())
          .then((ends) => ends.reduce((sum, { count }) => sum + count, 0)),
      )
      .toBe(3);
    const ready = send(server, "GET /health/ready");
    expect((await ready).status).toBe(200);
    const stopped = server.stop();
    socket.destroy();
    const statuses = await Promise.all(
      [running, queued, byHand].map(async (one) => (await one).body.status),
    );
    expect(statuses.sort()).toEqual(["completed", "pending", "pending"]);
    await stopped;
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
    const again = await startTestServer({ home: server.home });
    expect(await again.app.services.wallet.findLedgerProblems()).toEqual([]);
    const wallet = await send(again, "GET /v1/billing/balance", { key: again.localKey });
    expect(Number(wallet.body.held_cents)).toBeGreaterThanOrEqual(50);
    // What was queued is run by the next process.
    await expect
      .poll(
        async () => {
          const { body } = await send(again, "GET /v1/skills/invocations/mine", {
            key: again.localKey,
          });
          return (body.items as { status: string }[]).map(({ status }) => status).sort();
        },
        { timeout: 10_000 },
      )
      .toEqual(["completed", "completed", "pending"]);
  });
});

test("a body that is no UTF-8 is refused, and a mark of byte order is skipped", async () => {
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

test("the public keys are also where libraries look for them", async () => {
  const server = await startTestServer();
  const [ours, common] = [
    await send(server, "GET /v1/.well-known/jwks.json"),
    await send(server, "GET /.well-known/jwks.json"),
  ];
  expect(common).toMatchObject({ status: 200, body: ours.body });
  expect(common.headers.get("cache-control")).toBe(ours.headers.get("cache-control"));
});
