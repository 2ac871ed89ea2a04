import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { send, startTestServer } from "../../helpers/server.ts";
import { sealedScript } from "../../helpers/skills.ts";

test("shows health and figures", async () => {
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
    (await send(server, "GET /metrics", { key: await server.createOperator("ordinary") })).status,
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
      new URL(`../../../docs/monitoring/${file}`, import.meta.url),
      "utf8",
    ).split("\n");
    const named = lines.filter((line) => /^\s*"?expr"?:/.test(line)).join("\n");
    const names = new Set(named.match(/\b(?:stack|process)_[a-z_]+(?=[{)[ "\n])/g));
    expect(names.size, file).toBeGreaterThan(3);
    for (const name of names) expect(text, `${file} names ${name}`).toContain(`\n${name}`);
  }
});

test("gives a request an id in answer and log, and shows the log none of its values", async () => {
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
