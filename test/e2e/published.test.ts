import { expect, test } from "vitest";
import { PUBLISHED_CALLS, PUBLISHED_REQUESTS } from "../fixtures/published-requests.ts";
import { connectTo } from "../helpers/clients.ts";
import { says, startLlmServer } from "../helpers/llm-server.ts";
import { send, startTestServer, type TestServer } from "../helpers/server.ts";
import { openSkill } from "../helpers/skills.ts";

type Keys = Readonly<Record<"publisher" | "buyer" | "admin", string>>;
type Ids = Record<string, string>;

interface World {
  readonly server: TestServer;
  readonly keys: Keys;
  readonly ids: Ids;
}

/** The people of the documents, and the skills that the documents take for granted. */
async function openWorld(): Promise<World> {
  const llm = await startLlmServer(says('{"subtotal":420,"tax":35,"total":455,"currency":"USD"}'));
  const server = await startTestServer({
    env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: llm.baseUrl },
  });
  const keys = {
    publisher: await server.createOperator("publisher"),
    buyer: await server.createOperator("buyer", { claimTypes: ["verified_human"] }),
    admin: server.localKey,
  };
  const offers: Record<string, Record<string, unknown>> = {
    open: {
      name: "summarize",
      output_schema: { type: "object", properties: { summary: { type: "string" } } },
    },
    free: { name: "free", price_per_invocation: 0 },
    dear: { name: "dear", price_per_invocation: 100_000 },
    reviewed: { name: "reviewed", review: "manual" },
    rejected: { name: "rejected", review: "manual" },
    translate: {
      name: "translate-document",
      description: "Translate a document between any two supported languages",
      trust_level_required: "L1",
      price_per_invocation: 5,
      output_schema: { type: "object" },
    },
  };
  const ids: Ids = {};
  for (const [name, key] of [
    ["agent", keys.buyer],
    ["maker", keys.publisher],
  ] as const) {
    const draft = { name, accountability_mode: "standard" };
    ids[name] = String(
      (await send(server, "POST /v1/agents/register", { key, body: draft })).body.id,
    );
  }
  const order = { agent_id: ids.agent };
  const { body: carried } = await send(server, "POST /v1/passports/issue", {
    key: keys.buyer,
    body: order,
  });
  ids.passport = String(carried.jti);
  ids.olderpassport = ids.passport.replace("pp_", "ppt_");
  for (const [name, offer] of Object.entries(offers)) {
    const { body } = await send(server, "POST /v1/skills", {
      key: keys.publisher,
      body: openSkill(offer),
    });
    ids[name] = String(body.id);
  }
  return { server, keys, ids };
}

function fill<T>(value: T, ids: Ids): T {
  return JSON.parse(
    JSON.stringify(value).replace(/\{([a-z]+)\}/g, (text, name: string) => ids[name] ?? text),
  ) as T;
}

/** Everything that is printed is there, and of the same kind. */
function expectCovered(
  actual: unknown,
  printed: unknown,
  exactly: readonly string[],
  where: string,
): void {
  for (const [name, value] of Object.entries(Object(printed) as object)) {
    const { [name]: found } = Object(actual) as Record<string, unknown>;
    if (exactly.includes(name))
      expect([`${where}.${name}`, found]).toEqual([`${where}.${name}`, value]);
    else if (value === null)
      expect([`${where}.${name}`, found === undefined]).toEqual([`${where}.${name}`, false]);
    else expect([`${where}.${name}`, kindOf(found)]).toEqual([`${where}.${name}`, kindOf(value)]);
    if (typeof value === "object" && !exactly.includes(name))
      expectCovered(found, value, [], `${where}.${name}`);
  }
}

/** The value that a caller would parse. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return typeof value;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return "time";
  if (/^https?:/.test(value)) return "link";
  const [, prefix] = /^([a-z]+)_/.exec(value) ?? [];
  return prefix ?? "text";
}

test("answers every request that the documents print as they print it", async () => {
  const { server, keys, ids } = await openWorld();
  for (const {
    line,
    as,
    body,
    headers,
    status,
    answer,
    exactly = [],
    remember,
    of,
  } of PUBLISHED_REQUESTS) {
    const where = `${of} ${line}`;
    const asked = {
      key: keys[as],
      ...(body ? { body: fill(body, ids) } : {}),
      ...(headers ? { headers } : {}),
    };
    const answered = await send(server, fill(line, ids), asked);
    expect([where, answered.status, answered.text]).toEqual([where, status, expect.anything()]);
    expectCovered(answered.body, fill(answer ?? {}, ids), exactly, where);
    if (remember !== undefined) ids[remember] = String(answered.body.id);
  }
  expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
});

test("answers every call of a tool that the documents print as they print it", async () => {
  const { server, keys, ids } = await openWorld();
  const { url } = server;
  const clients = {
    publisher: await connectTo("v2 2026-07-28", { url, apiKey: keys.publisher }),
    buyer: await connectTo("v2 2026-07-28", { url, apiKey: keys.buyer }),
  };
  for (const call of PUBLISHED_CALLS) {
    const { isError, structured, text } = await clients[call.as].call(
      call.tool,
      fill(call.arguments, ids),
    );
    expect([call.tool, isError, text]).toEqual([call.tool, false, expect.anything()]);
    expectCovered(structured, call.answer, "exactly" in call ? call.exactly : [], call.tool);
    if ("remember" in call) ids[call.remember] = String(structured?.id);
  }
});
