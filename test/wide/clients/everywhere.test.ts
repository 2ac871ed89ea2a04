import { expect, test } from "vitest";
import { errorBody } from "../../../src/operations/error-body.ts";
import { OPERATIONS } from "../../../tools/registry.ts";
import { openTestApp } from "../../helpers/app.ts";
import {
  CLIENT_KINDS,
  connect,
  connectTo,
  errorIn,
  HTTP_CLIENT_KINDS,
  type TestClient,
} from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { ACCEPT } from "../../helpers/mcp-wire.ts";
import { operatorAs } from "../../helpers/operator.ts";
import { operationNamed, send, sendOperation, startTestServer } from "../../helpers/server.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

/** A way to the operations: what a call gives back, or the body of its error. */
type Way = (tool: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>;
type Ids = Readonly<Record<string, unknown>>;

/** A call, and under which name later calls know the id that it gives back. */
type Case = readonly [tool: string, input: (ids: Ids) => Record<string, unknown>, as?: string];

const FLOW: readonly Case[] = [
  ["stack_publish_skill", () => sealedScript("return { n: $INPUT.n * 2 };"), "sealed"],
  ["stack_publish_skill", () => openSkill({ name: "by-hand", tags: ["hand"] }), "open"],
  [
    "stack_publish_skill",
    () => sealedScript("return {};", { execution_mode: "source", name: "source" }),
    "source",
  ],
  ["stack_publish_skill", () => ({ name: "Not A Slug" })],
  ["stack_browse_skills", () => ({ search: "script" })],
  ["stack_browse_skills", () => ({ sort: "price", limit: 2 })],
  ["stack_get_skill", ({ source }) => ({ skill_id: source })],
  ["stack_quote_skill", ({ sealed }) => ({ skill_id: sealed, input: { n: 1 } })],
  [
    "stack_invoke_skill",
    ({ sealed }) => ({ skill_id: sealed, input: { n: 1 }, max_charge_cents: 1 }),
  ],
  [
    "stack_invoke_skill",
    ({ sealed }) => ({ skill_id: sealed, input: { n: 2 }, wait_ms: 20_000, idempotency_key: "a" }),
    "run",
  ],
  [
    "stack_invoke_skill",
    ({ sealed }) => ({ skill_id: sealed, input: { n: 2 }, wait_ms: 20_000, idempotency_key: "a" }),
  ],
  [
    "stack_invoke_skill",
    ({ sealed }) => ({ skill_id: sealed, input: { n: 3 }, wait_ms: 20_000, idempotency_key: "a" }),
  ],
  ["stack_invoke_skill", ({ open }) => ({ skill_id: open, input: {}, wait_ms: 0 }), "job"],
  ["stack_list_pending_invocations", () => ({})],
  ["stack_claim_invocation", ({ job }) => ({ invocation_id: job })],
  ["stack_cancel_invocation", ({ job }) => ({ invocation_id: job })],
  ["stack_renew_invocation", ({ job }) => ({ invocation_id: job, progress: 50, note: "half" })],
  ["stack_complete_invocation", ({ job }) => ({ invocation_id: job, output: { words: 1 } })],
  ["stack_complete_invocation", ({ job }) => ({ invocation_id: job, output: { text: "done" } })],
  ["stack_check_invocation", ({ job }) => ({ invocation_id: job })],
  ["stack_invoke_skill", ({ open }) => ({ skill_id: open, input: {}, wait_ms: 0 }), "second"],
  ["stack_cancel_invocation", ({ second }) => ({ invocation_id: second })],
  ["stack_list_my_invocations", () => ({})],
  ["stack_rate_skill", ({ sealed }) => ({ skill_id: sealed, rating: 5 })],
  ["stack_update_skill", ({ sealed }) => ({ skill_id: sealed, price_cents: 3 })],
  ["stack_list_skill_versions", ({ sealed }) => ({ skill_id: sealed })],
  ["stack_suspend_skill", ({ sealed }) => ({ skill_id: sealed })],
  ["stack_list_my_skills", () => ({})],
  ["stack_favorite_skill", ({ open }) => ({ skill_id: open })],
  ["stack_list_favorite_skills", () => ({})],
  [
    "stack_post_skill_request",
    () => ({ description: "By hand, please", tags: ["hand"] }),
    "request",
  ],
  ["stack_match_skill_request", ({ request }) => ({ request_id: request })],
  ["stack_topup", () => ({ amount_cents: 2_500 })],
  ["stack_topup", () => ({ amount_cents: 1 })],
  ["stack_list_transactions", () => ({})],
  ["stack_get_earnings", () => ({})],
  [
    "stack_connect_custom_service",
    () => ({
      provider: "crm",
      hosts: ["api.acme.example"],
      auth: { type: "basic", username: "u" },
      secret: "12345678",
    }),
    "crm",
  ],
  [
    "stack_connect_custom_service",
    () => ({ provider: "crm", hosts: ["10.0.0.1"], auth: { type: "bearer" } }),
  ],
  [
    "stack_publish_skill",
    () => ({
      ...sealedScript("return {};", { name: "calls" }),
      credential_mode: "both",
      required_credentials: [
        { provider: "crm", provided_by: "seller", cost_cents_per_call: 5 },
        { provider: "slack", provided_by: "buyer" },
      ],
      seller_credential_limit: { max_calls: 2 },
      egress: { hosts: ["*.acme.example"] },
    }),
    "calls",
  ],
  ["stack_quote_skill", ({ calls }) => ({ skill_id: calls, input: {} })],
  ["stack_invoke_skill", ({ calls }) => ({ skill_id: calls, input: {} })],
  ["stack_update_connection", ({ crm }) => ({ connection_id: crm, hosts: ["b.acme.example"] })],
  ["stack_update_connection", ({ crm }) => ({ connection_id: crm, display_name: "CRM" })],
  ["stack_list_connected_services", () => ({})],
  ["stack_disconnect_service", ({ crm }) => ({ connection_id: crm })],
  ["stack_get_balance", () => ({})],
  ["stack_find_tools", () => ({ query: "stack_refund_topup" })],
  ["stack_run_read", () => ({ tool: "stack_list_payouts", arguments: {} })],
  // The examples of the documentation, whose ids belong to nothing.
  ...OPERATIONS.map(({ name, example }): Case => [name, () => ({ ...example })]),
];

const known = new Map<string, Promise<unknown[]>>();

/**
 * Answers of the engine, in a process alone or in one that serves: there a person can pay on a
 * page.
 */
function inTheEngine(kind: "alone" | "serving"): Promise<unknown[]> {
  const answers = known.get(kind) ?? playInTheEngine(kind);
  known.set(kind, answers);
  return answers;
}

async function playInTheEngine(kind: "alone" | "serving"): Promise<unknown[]> {
  const { app } = kind === "alone" ? await openTestApp() : await startTestServer();
  const local = operatorAs(app, { kind: "local" });
  return play(async (tool, input) => {
    const outcome = await local.call(tool, input);
    return outcome.ok ? outcome.value : { ...errorBody(outcome.error) };
  });
}

test.each(CLIENT_KINDS)(
  "gives every case the same value or error over stdio (%s) as in the engine",
  async (kind) => {
    await sameAs("alone", byClient(await connect(kind, testEnv(makeHome()), ["--tools=all"])));
  },
);

test.each(HTTP_CLIENT_KINDS)(
  "gives every case the same value or error over HTTP (%s) as in the engine",
  async (kind) => {
    const { url, localKey: apiKey } = await startTestServer();
    await sameAs("serving", byClient(await connectTo(kind, { url, apiKey, query: "?tools=all" })));
  },
);

test("gives every case the same value or error to a 2025 HTTP client with no session", async () => {
  const server = await startTestServer();
  await sameAs("serving", async (tool, input) => {
    if (operationNamed(tool).mcp === false) return NOT_ON_MCP;
    const body = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: tool, arguments: input },
    };
    const { text } = await send(server, "POST /mcp?tools=all", {
      key: server.localKey,
      body,
      headers: ACCEPT,
    });
    const message = JSON.parse(text.slice(text.indexOf("{")));
    const [{ text: said }] = message.result.content;
    return message.result.isError ? errorIn(said) : (JSON.parse(said) as Record<string, unknown>);
  });
});

test("gives every case the same value or error over REST as in the engine", async () => {
  const server = await startTestServer();
  await sameAs("serving", async (tool, input) => {
    const operation = operationNamed(tool);
    // What runs other tools is for MCP alone; the same tools are asked for directly.
    if (operation.rest === false) return NOT_ON_REST;
    const { body } = await sendOperation(server, server.localKey, operation, input);
    return body;
  });
});

const NOT_ON_REST = {};
const NOT_ON_MCP = {};

async function sameAs(kind: "alone" | "serving", way: Way): Promise<void> {
  const expected = await inTheEngine(kind);
  const seen = await play(way);
  expect(seen).toHaveLength(FLOW.length);
  for (const [index, answer] of seen.entries()) {
    if (![NOT_ON_REST, NOT_ON_MCP].includes((answer as object[])[1] ?? {}))
      expect(answer).toEqual(expected[index]);
  }
}

function byClient(client: TestClient): Way {
  return async (tool, input) => {
    if (operationNamed(tool).mcp === false) return NOT_ON_MCP;
    const answer = await client.call(tool, input);
    if (answer.isError) return errorIn(answer.text);
    expect(JSON.parse(answer.text)).toEqual(answer.structured);
    return JSON.parse(answer.text) as Record<string, unknown>;
  };
}

async function play(way: Way): Promise<unknown[]> {
  const ids: Record<string, unknown> = {};
  const answers = [];
  for (const [tool, input, as] of FLOW) {
    const answer = await way(tool, input(ids));
    if (as !== undefined) ids[as] = answer.id;
    answers.push([tool, answer === NOT_ON_REST || answer === NOT_ON_MCP ? answer : plain(answer)]);
  }
  return answers;
}

/**
 * Without what is new each time: the program's path, ids, times, cursors, and what a run happened
 * to use.
 */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replace(/\/checkout\/[^"]+/g, "/checkout/LINK")
      // Commands are written as the program was started, with its data folder.
      .replace(/`(?:STACK_HOME=\S+ )?node [^`]*stack-mcp\.js /g, "`stack-mcp ")
      .replace(/127\.0\.0\.1:\d+/g, "SERVER")
      .replace(/\b[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, "ID")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      .replace(/"next_cursor":"[^"]*"/g, '"next_cursor":"CURSOR"')
      .replace(
        /"(\w*hash|receipt_digest|checkpoint|token|receipt|challenge)":"[^"]*"/g,
        '"$1":"SIGNED"',
      )
      .replace(/"(max_timestamp|iat|nbf|exp)":\d+/g, '"$1":0')
      .replace(/\d+ micro-dollars metered/g, "SOME micro-dollars metered")
      .replace(
        /"(?:compute_micro_usd|free_compute_micro_usd_today|wall_ms|cpu_ms|peak_mb)":\d+/g,
        '"used":0',
      ),
  );
}
