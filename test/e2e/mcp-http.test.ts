import { once } from "node:events";
import { connect as dial } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/shared/limits.ts";
import { connectTo, errorIn, HTTP_CLIENT_KINDS } from "../helpers/clients.ts";
import { type Answer, send, startTestServer, type TestServer } from "../helpers/server.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

const ACCEPT = { accept: "application/json, text/event-stream" };
const VERSION = "2026-07-28";

/**
 * A message of the server, as far as a test looks into it: what is not there fails the test that
 * reads it.
 */
interface Wire {
  readonly result: {
    readonly status: string;
    readonly taskId: string;
    readonly cacheScope: string;
    readonly tools: readonly { readonly name: string }[];
    readonly requestState: string;
    readonly structuredContent: { readonly status: string };
    readonly skills: readonly WireSkill[];
  };
  readonly error: { readonly code: number; readonly message: string };
}

interface WireSkill {
  readonly frontmatter: object;
  readonly uri: string;
  readonly resources: readonly { readonly uri: string; readonly digest: string }[];
}

/** A request of the 2026 revision as a client without a library sends it. */
async function modern(
  server: TestServer,
  key: string,
  method: string,
  params: object,
  capabilities: object = {},
): Promise<Answer & { message: Wire }> {
  const { name } = params as { name?: string };
  const taskId = (params as { taskId?: string }).taskId;
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
  const headers = {
    ...ACCEPT,
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
    ...((name ?? taskId) ? { "mcp-name": String(name ?? taskId) } : {}),
  };
  const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: envelope } };
  return withMessage(await send(server, "POST /mcp", { key, headers, body }));
}

async function legacy(
  server: TestServer,
  key: string,
  method: string,
  params: object,
  session?: string,
): Promise<Answer & { message: Wire }> {
  const headers = { ...ACCEPT, ...(session === undefined ? {} : { "mcp-session-id": session }) };
  return withMessage(
    await send(server, "POST /mcp", {
      key,
      headers,
      body: { jsonrpc: "2.0", id: 1, method, params },
    }),
  );
}

function withMessage(answer: Answer): Answer & { message: Wire } {
  const at = answer.text.indexOf("{");
  return {
    ...answer,
    message: (at < 0 ? undefined : JSON.parse(answer.text.slice(at).trim())) as Wire,
  };
}

const HELLO = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
};

async function openSession(server: TestServer, key: string): Promise<string> {
  const { headers } = await legacy(server, key, "initialize", HELLO);
  return headers.get("mcp-session-id") ?? "";
}

const ping = (server: TestServer, key: string, session: string) =>
  legacy(server, key, "ping", {}, session);

describe("sessions of 2025 clients", () => {
  test("a session belongs to the key that opened it: no other key finds it, of the same operator neither", async () => {
    const server = await startTestServer();
    const session = await openSession(server, server.localKey);
    expect((await ping(server, server.localKey, session)).status).toBe(200);
    const others = [
      await server.keyFor("local"),
      await server.keyFor("local", ["skills:read"]),
      await server.enter("other"),
    ];
    for (const key of others) expect((await ping(server, key, session)).status).toBe(404);
    expect((await ping(server, server.localKey, "made-up")).status).toBe(404);
  });

  test("a revoked key ends in a session that is open", async () => {
    const server = await startTestServer();
    const { keys } = server.app.services;
    const made = await keys.create({ operator: "local", name: "short" });
    const client = await connectTo("v1", { url: server.url, apiKey: made.api_key });
    expect((await client.call("stack_get_balance")).isError).toBe(false);
    await keys.revoke(made.key_id);
    await expect(client.call("stack_get_balance")).rejects.toThrow(/INVALID_API_KEY|401/);
  });

  test("the session that was used longest ago makes room for a new one", async () => {
    const server = await startTestServer();
    const first = await openSession(server, server.localKey);
    const second = await openSession(server, server.localKey);
    await ping(server, server.localKey, first);
    for (let i = 2; i <= LIMITS.sessions.operator; i++) await openSession(server, server.localKey);
    expect((await ping(server, server.localKey, second)).status).toBe(404);
    expect((await ping(server, server.localKey, first)).status).toBe(200);
  });
});

describe("what is listed and may be called", () => {
  test.each([
    ["the URL", { query: "?tools=wallet,stack_get_skill" }],
    ["a header", { headers: { "x-stack-tools": "wallet,stack_get_skill" } }],
  ])("is chosen by %s, within what the host allows", async (_where, choice) => {
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

  test("nothing is changed by who asked for reading alone", async () => {
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

  test("a host that is for reading alone is not widened by a request", async () => {
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

  test("tools that there are not are a fault of the request", async () => {
    const server = await startTestServer();
    const answer = await send(server, "POST /mcp?tools=everything", {
      key: server.localKey,
      headers: ACCEPT,
      body: {},
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "INVALID_REQUEST" } } });
    expect(server.logged.join()).not.toContain("a request failed");
  });

  test("a list shows what its caller has the rights for, and is kept for nobody else", async () => {
    const server = await startTestServer();
    const listFor = async (key: string) => {
      const body = {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/list",
        params: {
          _meta: {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
          },
        },
      };
      const answer = await send(server, "POST /mcp", {
        key,
        body,
        headers: { ...ACCEPT, "mcp-protocol-version": VERSION, "mcp-method": "tools/list" },
      });
      const { cacheScope, tools } = withMessage(answer).message.result;
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

  test("a key that may only read is told so by every other tool", async () => {
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
});

describe.each(HTTP_CLIENT_KINDS)("while work goes on (%s)", (kind) => {
  test("progress is told, and changes of an invocation to who subscribed, of its own alone", async () => {
    const server = await startTestServer();
    const { url, localKey } = server;
    const seller = await connectTo(kind, {
      url,
      apiKey: await server.enter("seller"),
      query: "?tools=all",
    });
    const buyer = await connectTo(kind, { url, apiKey: localKey });
    const stranger = await connectTo(kind, { url, apiKey: await server.enter("stranger") });
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

describe("the tasks extension", () => {
  const DECLARED = { extensions: { "io.modelcontextprotocol/tasks": {} } };

  test("an invocation is a task to who declares it: it can be asked for, cancelled, and ends with the same result", async () => {
    const server = await startTestServer();
    const { localKey: key } = server;
    const seller = await server.enter("seller");
    const { body: skill } = await send(server, "POST /v1/skills", {
      key: seller,
      body: openSkill(),
    });
    const invoke = (capabilities?: object) =>
      modern(
        server,
        key,
        "tools/call",
        {
          name: "stack_invoke_skill",
          arguments: { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 },
        },
        capabilities,
      );
    const plain = await invoke();
    expect(plain.message.result.structuredContent.status).toBe("pending");
    const { result: task } = (await invoke(DECLARED)).message;
    expect(task).toMatchObject({
      resultType: "task",
      status: "working",
      taskId: expect.stringMatching(/^sinv_/),
    });
    const ask = (method: string, taskId: string, who = key, capabilities: object = DECLARED) =>
      modern(server, who, method, { taskId }, capabilities);
    expect((await ask("tasks/get", task.taskId)).message.result).toMatchObject({
      status: "working",
    });
    expect((await ask("tasks/get", task.taskId, key, {})).message.error.code).toBe(-32_021);
    const stranger = await server.enter("stranger");
    for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
      expect((await ask(method, task.taskId, stranger)).message.error).toMatchObject({
        code: -32_602,
      });
      expect((await ask(method, "sinv_nothing")).message.error).toMatchObject({ code: -32_602 });
    }
    const path = `/v1/skills/invocations/${task.taskId}`;
    await send(server, `POST ${path}/complete`, {
      key: seller,
      body: { output: { text: "done" } },
    });
    const { result: ended } = (await ask("tasks/get", task.taskId)).message;
    const { body: invocation } = await send(server, `GET ${path}`, { key });
    expect(ended).toMatchObject({ status: "completed", result: { structuredContent: invocation } });
    const second = (await invoke(DECLARED)).message.result;
    const reading = await server.keyFor("local", ["skills:read"]);
    expect((await ask("tasks/cancel", second.taskId, reading)).message.error.message).toContain(
      "skills:invoke",
    );
    expect((await ask("tasks/get", second.taskId)).message.result.status).toBe("working");
    await ask("tasks/cancel", second.taskId);
    expect((await ask("tasks/get", second.taskId)).message.result.status).toBe("cancelled");
    expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("what begins only when a person says so is no task: its caller is told of the approval", async () => {
    const server = await startTestServer();
    const { localKey: key } = server;
    const seller = await server.enter("seller");
    const { body: skill } = await send(server, "POST /v1/skills", {
      key: seller,
      body: openSkill(),
    });
    const body = { name: "shopper", accountability_mode: "standard" };
    const { body: agent } = await send(server, "POST /v1/agents/register", { key, body });
    const grant = { agent_id: agent.id, mandate: { approve_over_cents: 0 } };
    const { body: passport } = await send(server, "POST /v1/passports/issue", { key, body: grant });
    const order = {
      name: "stack_invoke_skill",
      arguments: { skill_id: skill.id, input: {}, wait_ms: 25_000 },
    };
    const { message } = await modern(server, String(passport.token), "tools/call", order, DECLARED);
    expect(message.result.structuredContent).toMatchObject({
      approval: { url: expect.any(String) },
    });
  }, 15_000);

  test("what is over at once, and what was refused, is no task", async () => {
    const server = await startTestServer();
    const { body: skill } = await send(server, "POST /v1/skills", {
      key: server.localKey,
      body: sealedScript("return { n: 1 };"),
    });
    const invoke = (input: object) =>
      modern(
        server,
        server.localKey,
        "tools/call",
        { name: "stack_invoke_skill", arguments: input },
        DECLARED,
      );
    const { result } = (await invoke({ skill_id: skill.id, input: {}, wait_ms: 20_000 })).message;
    expect(result).toMatchObject({
      resultType: "complete",
      structuredContent: { status: "completed", output: { n: 1 } },
    });
    // A caller that says nothing of waiting has short work done in the same turn, and long work as a task.
    const again = { skill_id: skill.id, input: {}, repeat: true };
    expect((await invoke(again)).message.result).toMatchObject({ resultType: "complete" });
    const { body: slow } = await send(server, "POST /v1/skills", {
      key: server.localKey,
      body: openSkill(),
    });
    const { result: task } = (await invoke({ skill_id: slow.id, input: {} })).message;
    expect(task).toMatchObject({ resultType: "task", status: "working" });
    expect((await invoke({ skill_id: "skl_x", input: {} })).message.result).toMatchObject({
      isError: true,
    });
  });
});

describe("what one caller does to the others", () => {
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
          _meta: {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
          },
        },
      }),
    });

  test("a subscription to more than a hundred resources is refused before any is read", async () => {
    const server = await startTestServer();
    const many = Array.from({ length: 40_000 }, (_, i) => `stack://skills/${i}`);
    expect((await listen(server, server.localKey, many)).status).toBe(400);
    const same = Array.from({ length: 1_000 }, () => "stack://skills/one");
    expect((await listen(server, server.localKey, same)).status).toBe(200);
  });

  test("many streams of one operator leave room for another's, and end with their key", async () => {
    const server = await startTestServer();
    const other = await server.enter("other");
    const leaving = new AbortController();
    for (let i = 0; i < LIMITS.sessions.operator + 10; i++)
      await listen(server, server.localKey, [], leaving.signal);
    expect((await listen(server, other, [], leaving.signal)).status).toBe(200);
    leaving.abort();
  });

  test("a session is opened by GET alone, and one that was refused a stream is idle", async () => {
    const server = await startTestServer();
    expect((await send(server, "HEAD /sse", { key: server.localKey })).status).toBe(405);
    const session = await openSession(server, server.localKey);
    const refused = await send(server, "GET /mcp", {
      key: server.localKey,
      headers: { accept: "text/plain", "mcp-session-id": session },
    });
    expect(refused.status).toBe(406);
  });

  test("a client that does not read is left before what it was told piles up", async () => {
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

  test("each message of a batch counts", async () => {
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
});

test("a caller that goes away is not waited for, and its order stands", async () => {
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

test("when the server stops, whoever waits over any transport is told how far it is, and no money is lost", async () => {
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

test("a database that is locked does not keep a server from stopping as it should", async () => {
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

describe("a top-up", () => {
  const capabilities = { elicitation: { url: {} } };
  const FORM = { "content-type": "application/x-www-form-urlencoded" };

  test.each(["v2 2026-07-28", "v2 legacy"] as const)(
    "leads a person to the page and answers with what they did there (%s)",
    async (kind) => {
      const server = await startTestServer();
      const shown: string[] = [];
      const client = await connectTo(kind, {
        url: server.url,
        apiKey: server.localKey,
        capabilities,
        onElicit: async (url) => {
          shown.push(url);
          if (shown.length === 1)
            await send(server, `POST ${new URL(url).pathname}`, {
              body: "action=pay",
              headers: FORM,
            });
          return shown.length === 3 ? "decline" : "accept";
        },
      });
      const paid = await client.call("stack_topup", { amount_cents: 2_500 });
      expect(paid.structured).toMatchObject({ status: "paid", amount_cents: 2_500 });
      const waiting = client.call("stack_topup", { amount_cents: 1_000 });
      await expect.poll(() => shown.length).toBe(2);
      await send(server, `POST ${new URL(shown[1] ?? "").pathname}`, {
        body: "action=pay",
        headers: FORM,
      });
      expect((await waiting).structured).toMatchObject({ status: "paid", amount_cents: 1_000 });
      const declined = await client.call("stack_topup", { amount_cents: 1_000 });
      expect(declined.structured).toMatchObject({
        status: "pending",
        next_step: expect.stringContaining("did not open"),
      });
      expect(shown).toHaveLength(3);
      expect((await client.call("stack_get_balance")).structured).toMatchObject({
        balance_cents: 4_500,
      });
    },
  );

  test("is a link to who cannot show one", async () => {
    const server = await startTestServer();
    for (const kind of HTTP_CLIENT_KINDS) {
      const client = await connectTo(kind, { url: server.url, apiKey: server.localKey });
      const { structured } = await client.call("stack_topup", { amount_cents: 1_000 });
      expect(String(structured?.checkout_url)).toContain(`${server.url}/checkout/`);
    }
  });

  test("a state that another caller brings, or that was changed, is refused", async () => {
    const server = await startTestServer();
    const ask = (key: string, more: object = {}) =>
      modern(
        server,
        key,
        "tools/call",
        { name: "stack_topup", arguments: { amount_cents: 1_000 }, ...more },
        capabilities,
      );
    const { requestState } = (await ask(server.localKey)).message.result;
    const inputResponses = { page: { action: "accept" } };
    const other = await server.enter("other");
    expect((await ask(other, { requestState, inputResponses })).message.error.code).toBe(-32_602);
    expect(
      (await ask(server.localKey, { requestState: `${requestState}x`, inputResponses })).message
        .error.code,
    ).toBe(-32_602);
    const again = await ask(server.localKey, {
      requestState,
      inputResponses: { page: { action: "decline" } },
    });
    expect(again.message.result.structuredContent.status).toBe("pending");
  });
});

test("a source skill is a skill of the client's own, with digests; a sealed one is not", async () => {
  const server = await startTestServer();
  const key = await server.enter("publisher");
  const step = { type: "script", runtime: "python", label: "Count", code: "return {'n': 1}" };
  await send(server, "POST /v1/skills", {
    key,
    body: sealedScript("", {
      name: "open-book",
      execution_mode: "source",
      execution_steps: [step],
    }),
  });
  await send(server, "POST /v1/skills", {
    key,
    body: sealedScript("return 'canary';", { name: "closed-book" }),
  });
  const listed = await modern(server, server.localKey, "skills/list", {});
  expect(listed.message.result.skills).toHaveLength(1);
  expect(listed.text).not.toContain("closed-book");
  const [skill] = listed.message.result.skills;
  expect(skill).toMatchObject({
    frontmatter: { name: "open-book" },
    uri: expect.stringMatching(/^skill:\/\/stack\/skl_\w+\/open-book\/SKILL\.md$/),
  });
  const files = (skill?.resources ?? []).map(({ uri }) => uri);
  expect(files).toEqual(expect.arrayContaining([expect.stringContaining("steps/1-count.py")]));
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: server.localKey });
  expect(await client.read(files.find((uri) => uri.endsWith(".py")) ?? "")).toBe("return {'n': 1}");
  expect(await client.read(skill?.uri ?? "")).toContain("stack_invoke_skill");
});

test("whatever a publisher calls a source skill, or says of it, everybody's list holds, with that name", async () => {
  const server = await startTestServer();
  const names = [
    "123",
    "null",
    "true",
    "0x1f",
    "1e3",
    "yes",
    "on",
    "2026-01-01",
    "0o17",
    "1-2",
    "nan",
    "inf",
  ];
  const descriptions = [
    "a: b # c",
    "- x",
    "\"quoted\" \\ and 'single'",
    "line\nline: 2\n---\nname: other",
    "{}",
    "| >",
    "%YAML 1.1",
    "é 😀 \u2028 x",
  ];
  const key = await server.enter("publisher", { plan: "enterprise" });
  for (const [index, name] of names.entries()) {
    const description = descriptions[index % descriptions.length];
    const draft = sealedScript("return 1;", { name, description, execution_mode: "source" });
    expect((await send(server, "POST /v1/skills", { key, body: draft })).status).toBe(201);
  }
  const { message } = await modern(server, server.localKey, "skills/list", {});
  const listed = message.result.skills.map((one: { frontmatter: object }) => one.frontmatter);
  expect(listed).toHaveLength(names.length);
  for (const [index, name] of names.entries()) {
    expect(listed).toContainEqual(
      expect.objectContaining({ name, description: descriptions[index % descriptions.length] }),
    );
  }
  expect(server.logged.join("\n")).not.toContain("could not be made");
});

test("a source skill that cannot be shown as a file is left out of the list and logged; the others are there", async () => {
  const server = await startTestServer();
  const key = await server.enter("publisher");
  for (const name of ["good", "bad"]) {
    await send(server, "POST /v1/skills", {
      key,
      body: sealedScript("return 1;", { name, execution_mode: "source" }),
    });
  }
  const raw = new Database(join(server.home, "stack.db"));
  raw.prepare("update skills set name = 'not a slug / ..' where name = 'bad'").run();
  raw.close();
  const { message } = await modern(server, server.localKey, "skills/list", {});
  expect(message.result.skills).toMatchObject([{ frontmatter: { name: "good" } }]);
  expect(server.logged.join("\n")).toContain("could not be made a skill of the client's");
});
