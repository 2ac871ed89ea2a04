import { expect, test } from "vitest";
import { send, startTestServer } from "../../helpers/server.ts";

test("gives a key 600 requests a minute, and another key its own", async () => {
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

test("gives who guesses keys 60 tries a minute; good keys from there still work", async () => {
  const server = await startTestServer();
  const guess = () => send(server, "GET /v1/skills/mine", { key: "sk_live_op_guess" });
  for (let i = 0; i < 60; i++) expect((await guess()).status).toBe(401);
  expect((await guess()).status).toBe(429);
  expect((await send(server, "GET /v1/skills/mine", { key: server.localKey })).status).toBe(200);
});

test("gives each address that a proxy on this machine tells tries of its own", async () => {
  const server = await startTestServer({ env: { STACK_PUBLIC_URL: "https://stack.example" } });
  const guess = (address: string) =>
    send(server, "GET /v1/skills/mine", {
      headers: { "x-forwarded-for": `6.6.6.6, ${address}` },
    });
  for (let i = 0; i < 60; i++) expect((await guess("10.0.0.1")).status).toBe(401);
  expect((await guess("10.0.0.1")).status).toBe(429);
  expect((await guess("10.0.0.2")).status).toBe(401);
});
