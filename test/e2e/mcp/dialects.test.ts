import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../src/shared/limits.ts";
import { connectTo } from "../../helpers/clients.ts";
import { envelopeOf, HELLO, VERSION } from "../../helpers/mcp-wire.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";

const message = (method: string, params: object = {}) => ({
  jsonrpc: "2.0",
  id: 1,
  method,
  params,
});

function post(
  server: TestServer,
  body: unknown,
  headers: Record<string, string | undefined>,
  path = "/mcp",
) {
  const given = Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return send(server, `POST ${path}`, {
    key: server.localKey,
    body,
    headers: Object.fromEntries(given),
  });
}

describe("what a client says that it takes", () => {
  test.each([
    ["*/*", "text/event-stream"],
    ["application/json, text/event-stream", "text/event-stream"],
    ["text/event-stream;q=0.5, application/json;q=0.9", "text/event-stream"],
    ["application/json", "application/json"],
    ["application/*", "application/json"],
  ])("reads generously: %s", async (accept, type) => {
    const server = await startTestServer();
    const hello = await post(server, message("initialize", HELLO), { accept });
    expect([hello.status, hello.headers.get("content-type")]).toEqual([200, type]);
    const session = hello.headers.get("mcp-session-id") ?? "";
    const headers = { accept, "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
    const called = await post(
      server,
      message("tools/call", { name: "stack_get_balance", arguments: null }),
      headers,
    );
    expect(called.headers.get("content-type")).toBe(type);
    const answer = JSON.parse(called.text.slice(called.text.indexOf("{")));
    expect(answer).toMatchObject({
      id: 1,
      result: { structuredContent: { balance_cents: 1_000 } },
    });
    const noted = await post(
      server,
      { jsonrpc: "2.0", method: "notifications/initialized" },
      headers,
    );
    expect(noted.status).toBe(202);
  });

  test("takes silence for all, gives a 2026 client JSON alone, and refuses other types", async () => {
    const server = await startTestServer();
    // `fetch` says */* by itself; a bare request says nothing.
    const { port } = new URL(server.url);
    const { request } = await import("node:http");
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${server.localKey}`,
        "content-type": "application/json",
      };
      const asked = request({ port, method: "POST", path: "/mcp", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject).end(JSON.stringify(message("initialize", HELLO)));
    });
    expect(status).toBe(200);
    const _meta = envelopeOf();
    const modern = {
      "mcp-protocol-version": VERSION,
      "mcp-method": "tools/list",
      accept: "application/json",
    };
    const listed = await post(server, message("tools/list", { _meta }), modern);
    expect(listed.body).toMatchObject({ result: { tools: expect.any(Array) } });
    expect(
      (await post(server, message("initialize", HELLO), { accept: "text/plain" })).status,
    ).toBe(406);
    const notifications = { resourceSubscriptions: [] };
    const listen = { ...modern, "mcp-method": "subscriptions/listen" };
    const asked = await post(
      server,
      message("subscriptions/listen", { notifications, _meta }),
      listen,
    );
    expect([asked.status, asked.text]).toEqual([406, expect.stringContaining("text/event-stream")]);
  });

  test("takes /mcp/ for /mcp, and leads whoever opens the address to the pages", async () => {
    const server = await startTestServer();
    expect((await post(server, message("initialize", HELLO), {}, "/mcp/")).status).toBe(200);
    expect((await send(server, "POST /mcp/", { body: message("ping") })).status).toBe(401);
    const person = await send(server, "GET /", { headers: { accept: "text/html,*/*;q=0.8" } });
    expect(person).toMatchObject({ status: 200, text: expect.stringContaining('href="/docs"') });
    const curl = await send(server, "GET /", { headers: { accept: "*/*" } });
    expect([curl.status, curl.text]).toEqual([200, person.text]);
  });

  test("refuses what is too large or compressed in the form that the client reads", async () => {
    const server = await startTestServer();
    const large = JSON.stringify(message("ping", { text: "x".repeat(LIMITS.requestBytes) }));
    expect(await post(server, large, {})).toMatchObject({
      status: 413,
      body: {
        jsonrpc: "2.0",
        id: null,
        error: { message: expect.stringContaining("PAYLOAD_TOO_LARGE") },
      },
    });
    const rest = await post(server, large, {}, "/v1/skills");
    expect(rest).toMatchObject({ status: 413, body: { error: { code: "PAYLOAD_TOO_LARGE" } } });
    const small = gzipSync(JSON.stringify(message("ping")));
    for (const [path, told] of [
      [
        "/mcp",
        { jsonrpc: "2.0", error: { message: expect.stringContaining("UNSUPPORTED_ENCODING") } },
      ],
      ["/v1/skills", { error: { code: "UNSUPPORTED_ENCODING" } }],
    ] as const) {
      const answer = await fetch(`${server.url}${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${server.localKey}`,
          "content-encoding": "gzip",
          "content-type": "application/json",
        },
        body: small,
      });
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject(told);
    }
  });
});

describe("a client of a revision without structured content", () => {
  test.each(["2024-11-05", "2025-03-26"])(
    "gets every answer once (%s)",
    async (protocolVersion) => {
      const server = await startTestServer();
      const accept = "application/json";
      const hello = await post(server, message("initialize", { ...HELLO, protocolVersion }), {
        accept,
      });
      const session = { accept, "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
      for (const headers of [session, { accept, "mcp-protocol-version": protocolVersion }]) {
        const { result: list } = (await post(server, message("tools/list"), headers))
          .body as never as Listed;
        expect(list.tools.length).toBeGreaterThan(10);
        expect(list.tools.filter((tool) => "outputSchema" in tool)).toEqual([]);
        const asked = message("tools/call", { name: "stack_get_balance", arguments: {} });
        const { result } = (await post(server, asked, headers)).body as never as Called;
        expect(result).not.toHaveProperty("structuredContent");
        expect(JSON.parse(result.content[0]?.text ?? "")).toMatchObject({ balance_cents: 1_000 });
      }
    },
  );

  test("gives others both", async () => {
    const server = await startTestServer();
    for (const headers of [{}, { "mcp-protocol-version": "2025-06-18" }]) {
      const asked = message("tools/call", { name: "stack_get_balance", arguments: {} });
      const { result } = (await post(server, asked, { accept: "application/json", ...headers }))
        .body as never as Called;
      expect(result).toHaveProperty("structuredContent");
    }
  });
});

interface Listed {
  readonly result: { readonly tools: readonly object[] };
}
interface Called {
  readonly result: { readonly content: readonly { readonly text: string }[] };
}

describe("a client that says it can open a page and cannot", () => {
  const capabilities = { elicitation: { url: {} } };

  test("gets the plain link when it asks for the same amount again", async () => {
    const server = await startTestServer();
    let asked = 0;
    const client = await connectTo("v2 legacy", {
      url: server.url,
      apiKey: server.localKey,
      capabilities,
      onElicit: async () => {
        asked++;
        throw new Error("not implemented");
      },
    });
    const first = await client
      .call("stack_topup", { amount_cents: 1_000 })
      .catch((error: Error) => error);
    expect(first instanceof Error || first.isError).toBe(true);
    const { structured } = await client.call("stack_topup", { amount_cents: 1_000 });
    expect(structured).toMatchObject({ status: "pending", already_open: true });
    expect(String(structured?.checkout_url)).toContain("/checkout/");
    expect(asked).toBe(1);
    await client.call("stack_topup", { amount_cents: 2_000 }).catch(() => {});
    expect(asked).toBe(2);
  });

  test("is asked nothing when it takes no stream on which it could be", async () => {
    const server = await startTestServer();
    const accept = "application/json";
    const hello = await post(server, message("initialize", { ...HELLO, capabilities }), { accept });
    const headers = { accept, "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
    const called = await post(
      server,
      message("tools/call", { name: "stack_topup", arguments: { amount_cents: 1_000 } }),
      headers,
    );
    expect(called.text).toContain("/checkout/");
  });

  test.each([
    ["by the host", { STACK_ELICITATION: "off" }, ""],
    ["in the address", {}, "?elicitation=0"],
  ])("is asked nothing when that is said %s", async (_, env, query) => {
    const server = await startTestServer({ env });
    const client = await connectTo("v2 2026-07-28", {
      url: server.url,
      apiKey: server.localKey,
      query,
      capabilities,
      onElicit: async () => {
        throw new Error("it was asked");
      },
    });
    const { structured } = await client.call("stack_topup", { amount_cents: 1_000 });
    expect(String(structured?.checkout_url)).toContain("/checkout/");
  });
});
