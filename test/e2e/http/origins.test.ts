import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { expect, test } from "vitest";
import { startHttpServer } from "../../../src/bin/serve.ts";
import { loadConfig } from "../../../src/config/config.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { send, startTestServer } from "../../helpers/server.ts";

const ask = async (url: string, headers: Record<string, string>) => {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, path: "/health/live", headers, setHost: false });
  asked.end();
  const [response] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
};

test("refuses a name that the server does not go by, whatever it resolves to", async () => {
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

test("refuses another origin's page unless it was named; then it may read the answer", async () => {
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
  // Whose requests are let in may also ask before, and read the answer; a page on another port of
  // this machine among them.
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

test("starts no server beyond this machine without a name", async () => {
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

test("says that a port is taken", async () => {
  const server = await startTestServer();
  const { port } = new URL(server.url);
  await expect(startTestServer({ port: Number(port) })).rejects.toMatchObject({
    message: expect.stringContaining("the port is taken"),
  });
});
