import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/shared/secret.ts";
import { openTestApp, type TestApp } from "../../helpers/app.ts";
import { type Answer, echoes, sends, startHttpServer } from "../../helpers/http-server.ts";
import { says, startLlmServer, status } from "../../helpers/llm-server.ts";
import { type Operator, operatorAs } from "../../helpers/operator.ts";
import { sealedScript } from "../../helpers/skills.ts";

const SECRET = "canary-credential-5590/+";
const SELLER_SECRET = "canary-of-the-seller-7713";

interface Run {
  readonly id: string;
  readonly status: string;
  readonly output: { readonly seen: Seen; readonly error: string };
  readonly error: Record<string, unknown>;
  readonly charged_cents: number;
}
interface Seen {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** A marketplace whose skills may reach one service on this machine. */
async function openWorld(answer: Answer = echoes, env: Record<string, string> = {}) {
  const server = await startHttpServer(answer);
  const test = await openTestApp({
    env: { STACK_EGRESS_ALLOW_LOCAL: `127.0.0.1:${server.port}`, ...env },
  });
  const [seller, buyer] = [await test.enter("seller"), await test.enter("buyer")];
  return { ...test, server, seller, buyer };
}

type World = Awaited<ReturnType<typeof openWorld>>;

async function connectAs(who: Operator, more: Record<string, unknown> = {}) {
  return who.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "acme-crm",
    hosts: ["127.0.0.1"],
    auth: { type: "bearer" },
    secret: SECRET,
    ...more,
  });
}

async function publish(
  { seller, server }: World,
  code: string,
  more: Record<string, unknown> = {},
) {
  const whole = sealedScript(code.replaceAll("SERVER", server.url), more);
  return (await seller.ok<{ id: string }>("stack_publish_skill", whole)).id;
}

const CALL = `const seen = await (await proxy_fetch("SERVER/contacts", { service: "acme-crm" })).json(); return { seen };`;
const BUYERS = {
  credential_mode: "buyer_provides",
  required_credentials: [{ provider: "acme-crm" }],
};
const SELLERS = {
  credential_mode: "seller_provides",
  required_credentials: [{ provider: "acme-crm", cost_cents_per_call: 7 }],
};

const invoke = (who: Operator, skill_id: string, more: Record<string, unknown> = {}) =>
  who.ok<Run>("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000, ...more });

interface AuditBody {
  readonly action: string;
  readonly outcome: string;
  readonly details: Record<string, unknown>;
}

const auditOf = async ({ home }: TestApp, who: Operator): Promise<AuditBody[]> => {
  const db = new Database(join(home, "stack.db"), { readonly: true });
  const rows = db
    .prepare("select body from audit_log where operator_id = ? order by seq")
    .all(who.id);
  db.close();
  return rows.map((row) => JSON.parse((row as { body: string }).body) as AuditBody);
};

describe("a connection", () => {
  test("is made, listed, changed and forgotten, and never shows its secret", async () => {
    const world = await openWorld();
    const { buyer, seller, app, home, logged } = world;
    const made = await connectAs(buyer, {
      display_name: "Our CRM",
      verify_url: `${world.server.url}/me`,
    });
    expect(made).toMatchObject({
      provider: "acme-crm",
      status: "unverified",
      hosts: ["127.0.0.1"],
    });
    const { id: connection_id } = made;
    expect(await buyer.ok("stack_list_connected_services")).toMatchObject({
      items: [{ id: connection_id }],
    });
    expect(await seller.ok("stack_list_connected_services")).toEqual({ items: [] });
    expect(
      (await buyer.refused("stack_connect_custom_service", { ...again, provider: "acme-crm" }))
        .message,
    ).toMatch(/connected already.*stack_update_connection/);
    const moved = {
      connection_id,
      hosts: ["evil.example.com"],
      verify_url: "https://evil.example.com/",
    };
    expect((await buyer.refused("stack_update_connection", moved)).message).toMatch(
      /give secret again/,
    );
    expect(
      await buyer.ok("stack_update_connection", { connection_id, display_name: "CRM" }),
    ).toMatchObject({
      display_name: "CRM",
      hosts: ["127.0.0.1"],
    });
    expect(
      await buyer.ok("stack_update_connection", { ...moved, secret: `${SECRET}-2` }),
    ).toMatchObject({
      hosts: ["evil.example.com"],
    });
    const places = readdirSync(home).filter((name) => name.startsWith("stack.db"));
    const stored = places.map((name) => readFileSync(join(home, name), "latin1")).join("");
    const shown = JSON.stringify([
      await buyer.ok("stack_list_connected_services"),
      await auditOf(world, buyer),
      logged,
    ]);
    for (const text of [stored, shown]) expect(text).not.toContain(SECRET);
    expect(await buyer.ok("stack_disconnect_service", { connection_id })).toMatchObject({
      disconnected: true,
    });
    expect((await buyer.refused("stack_disconnect_service", { connection_id })).code).toBe(
      "NOT_FOUND",
    );
    expect(
      await app.store.read((r) => r.sealed.find(`connections:${connection_id}:secret`)),
    ).toBeUndefined();
    expect((await auditOf(world, buyer)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["service.connect", "service.update", "service.disconnect"]),
    );
  });

  const again = { hosts: ["api.acme.example"], auth: { type: "bearer" }, secret: "12345678" };

  test.each([
    ["no host", { hosts: [] }, /hosts/],
    ["a host that is any", { hosts: ["*"] }, /hosts\.0 must be a host name/],
    ["a host with a port", { hosts: ["api.acme.example:8443"] }, /hosts\.0/],
    ["a short secret", { secret: "1234567" }, /secret/],
    ["a secret with a line break", { secret: "12345678\r\nx: y" }, /secret must be printable/],
    ["a header of the server's own", { auth: { type: "header", name: "Host" } }, /auth\.name/],
    [
      "an address elsewhere",
      { verify_url: "https://other.example/" },
      /verify_url must be on one of hosts/,
    ],
  ])("with %s is refused", async (_, change, message) => {
    const { enter } = await openTestApp();
    const refused = await (await enter("acme")).refused("stack_connect_custom_service", {
      provider: "x",
      ...again,
      ...change,
    });
    expect(refused).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringMatching(message),
    });
    expect(refused.message).not.toContain("1234567");
  });

  test.each([
    [200, "verified"],
    [204, "verified"],
    [401, "rejected"],
    [403, "rejected"],
    [404, "unverified"],
    [500, "unverified"],
  ])("whose service answers %i is %s", async (status, expected) => {
    const { buyer, server } = await openWorld(sends(status));
    const { id: connection_id } = await connectAs(buyer, { verify_url: `${server.url}/me` });
    const judged = await buyer.ok("stack_verify_connection", { connection_id });
    expect(judged).toMatchObject({ status: expected, http_status: status });
    expect(server.seen[0]).toMatchObject({
      method: "GET",
      url: "/me",
      headers: { authorization: `Bearer ${SECRET}` },
    });
    expect(await buyer.ok("stack_list_connected_services")).toMatchObject({
      items: [{ status: expected }],
    });
  });
});

describe("a skill that calls the buyer's service", () => {
  test.each<[string, object, (seen: Seen) => unknown, string]>([
    ["bearer", { type: "bearer" }, (seen) => seen.headers.authorization, `Bearer ${SECRET}`],
    [
      "basic",
      { type: "basic", username: "me" },
      (seen) => seen.headers.authorization,
      `Basic ${Buffer.from(`me:${SECRET}`).toString("base64")}`,
    ],
    [
      "header",
      { type: "header", name: "X-Api-Key", prefix: "Token " },
      (seen) => seen.headers["x-api-key"],
      `Token ${SECRET}`,
    ],
    [
      "query",
      { type: "query", name: "key" },
      (seen) => new URL(seen.url, "http://x").searchParams.get("key"),
      SECRET,
    ],
  ])(
    "has it sent as %s, and sees nothing of it though it is echoed",
    async (_, auth, sent, expected) => {
      const world = await openWorld();
      await connectAs(world.buyer, { auth });
      const { output } = await invoke(world.buyer, await publish(world, CALL, BUYERS));
      expect(sent(world.server.seen[0] as unknown as Seen)).toBe(expected);
      const seen = JSON.stringify(output);
      expect(seen).toContain("[redacted]");
      for (const form of [
        SECRET,
        encodeURIComponent(SECRET),
        Buffer.from(`me:${SECRET}`).toString("base64").slice(4, -6),
      ]) {
        expect(seen).not.toContain(form);
      }
    },
  );

  test("is refused before any hold while it is not connected, and again when it is disconnected", async () => {
    const world = await openWorld();
    const { buyer } = world;
    const skill_id = await publish(world, CALL, BUYERS);
    const refused = await buyer.refused("stack_invoke_skill", { skill_id, input: {} });
    expect(refused).toMatchObject({
      code: "SERVICE_NOT_CONNECTED",
      details: { provider: "acme-crm", provided_by: "buyer" },
    });
    expect(refused.message).toMatch(/stack_connect_custom_service/);
    expect(await buyer.ok("stack_quote_skill", { skill_id, input: {} })).toMatchObject({
      would_be_accepted: false,
      obstacles: [{ code: "SERVICE_NOT_CONNECTED" }],
      services: [{ provider: "acme-crm", provided_by: "buyer" }],
    });
    expect(await buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000,
      held_cents: 0,
    });
    const { id: connection_id } = await connectAs(buyer);
    expect(await invoke(buyer, skill_id)).toMatchObject({ status: "completed" });
    await buyer.ok("stack_disconnect_service", { connection_id });
    expect((await buyer.refused("stack_invoke_skill", { skill_id, input: {} })).code).toBe(
      "SERVICE_NOT_CONNECTED",
    );
  });

  test("reaches that service's hosts alone with the credential, and asks for no other service", async () => {
    const world = await openWorld();
    await connectAs(world.buyer, { hosts: ["127.0.0.1", "crm.example"] });
    const code = `
      const codes = [];
      for (const [url, init] of [
        ["http://crm.example/", { service: "acme-crm" }],
        ["https://elsewhere.example/", { service: "acme-crm" }],
        ["SERVER/x", { service: "slack" }],
        ["SERVER/x", {}],
        ["SERVER/x", { service: "acme-crm", headers: { authorization: "Bearer mine" } }],
      ]) codes.push(await proxy_fetch(url, init).then((r) => r.status, (e) => e.code));
      return { error: codes.join() };`;
    const { output } = await invoke(world.buyer, await publish(world, code, BUYERS));
    expect(output.error).toBe(
      "HOST_NOT_DECLARED,HOST_NOT_DECLARED,SERVICE_NOT_DECLARED,HOST_NOT_DECLARED,200",
    );
    expect(world.server.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${SECRET}`,
    ]);
  });

  test("does not follow a redirect off the service's hosts, credential or not", async () => {
    const world = await openWorld(sends(302, "", { location: "https://elsewhere.example/" }));
    await connectAs(world.buyer);
    const code = `return { error: await proxy_fetch("SERVER/", { service: "acme-crm" }).catch((e) => e.code) };`;
    const { output } = await invoke(world.buyer, await publish(world, code, BUYERS));
    expect(output.error).toBe("HOST_NOT_DECLARED");
  });

  test("may echo the secret in a header: it is not seen there either", async () => {
    const world = await openWorld((response, { headers }) => {
      response
        .writeHead(200, {
          "x-echo": headers.authorization ?? "",
          "set-cookie": `a=${headers.authorization}`,
        })
        .end();
    });
    await connectAs(world.buyer);
    const code = `return { seen: { headers: (await proxy_fetch("SERVER/", { service: "acme-crm" })).headers } };`;
    const { output } = await invoke(world.buyer, await publish(world, code, BUYERS));
    expect(output.seen.headers).toMatchObject({
      "x-echo": "Bearer [redacted]",
      "set-cookie": "a=Bearer [redacted]",
    });
  });

  test("is not asked for piece by piece", async () => {
    const world = await openWorld();
    await connectAs(world.buyer);
    const code = `return { error: await proxy_fetch("SERVER/", { service: "acme-crm", headers: { Range: "bytes=0-9" } }).catch((e) => e.code) };`;
    const { output } = await invoke(world.buyer, await publish(world, code, BUYERS));
    expect(output.error).toBe("INVALID_REQUEST");
    expect(world.server.seen).toEqual([]);
  });

  test("may be left waiting when the step ends: the server lives on", async () => {
    const world = await openWorld();
    await connectAs(world.buyer, { hosts: ["nope.invalid"] });
    const code = `proxy_fetch("https://nope.invalid/", { service: "acme-crm" }); return {};`;
    const skill_id = await publish(world, code, BUYERS);
    for (let i = 0; i < 5; i++)
      expect(await invoke(world.buyer, skill_id)).toMatchObject({ status: "completed" });
  });

  test("leaves in the audit log each host that redirects led to, and each call that was refused", async () => {
    const world = await openWorld((response, request) => {
      const { host = "" } = request.headers;
      if (host.startsWith("127"))
        response.writeHead(307, { location: `http://localhost:${host.split(":")[1]}/` }).end();
      else response.end("there");
    });
    const { home, buyer, server } = world;
    const both = `127.0.0.1:${server.port},localhost:${server.port}`;
    const second = await openTestApp({ home, env: { STACK_EGRESS_ALLOW_LOCAL: both } });
    await connectAs(buyer, { hosts: ["127.0.0.1", "localhost"] });
    const code = `await proxy_fetch("SERVER/", { service: "acme-crm", method: "POST", body: "data" });
      await proxy_fetch("SERVER/", { service: "slack" }).catch(() => {}); return {};`;
    const skill_id = await publish(world, code, BUYERS);
    const there = operatorAs(second.app, {
      kind: "bearer",
      token: new Secret(buyer.apiKey),
      source: "the test",
    });
    expect(await invoke(there, skill_id)).toMatchObject({ status: "completed" });
    const rows = await auditOf(world, buyer);
    expect(rows.filter(({ details }) => details.host !== undefined)).toMatchObject([
      {
        action: "credential.proxy",
        outcome: "success",
        details: { host: "127.0.0.1", redirects: ["localhost"] },
      },
      { action: "skill.fetch", outcome: "blocked", details: { host: "127.0.0.1" } },
    ]);
  });

  test("leaves in the audit log where data went, by shape and never by value", async () => {
    const world = await openWorld(sends(200, "four"));
    await connectAs(world.buyer);
    const code = `await proxy_fetch("SERVER/path?q=canary-of-the-query", { method: "POST", service: "acme-crm", body: "canary-body" });
      return {};`;
    const { id } = await invoke(world.buyer, await publish(world, code, BUYERS));
    const rows = await auditOf(world, world.buyer);
    expect(rows.filter(({ action }) => action === "credential.proxy")).toMatchObject([
      {
        outcome: "success",
        details: {
          invocation_id: id,
          provider: "acme-crm",
          provided_by: "buyer",
          host: "127.0.0.1",
          method: "POST",
          request_bytes: 11,
          response_bytes: 4,
          status: 200,
        },
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain("canary");
    expect(await auditOf(world, world.seller)).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ action: "credential.proxy" })]),
    );
  });
});

describe("a skill that calls its publisher's service", () => {
  test("charges the cost of each answered call and 15 % on it, within what was held", async () => {
    const world = await openWorld();
    const { buyer, seller, app } = world;
    await connectAs(seller, { secret: SELLER_SECRET });
    const code = `const all = [];
      for (let i = 0; i < 3; i++) all.push(await (await proxy_fetch("SERVER/" + i, { service: "acme-crm" })).json());
      return { seen: all };`;
    const limit = { seller_credential_limit: { max_calls: 5, max_cost_cents: 30 } };
    const skill_id = await publish(world, code, { ...SELLERS, ...limit });
    // 25 for the price, 30 and 15 % of it for calls, and the reserve for compute.
    const quote = await buyer.ok<{ reserve_cents: number }>("stack_quote_skill", {
      skill_id,
      input: {},
    });
    expect(quote).toMatchObject({
      service_reserve_cents: 35,
      hold_cents: 25 + 35 + quote.reserve_cents,
    });
    const run = await invoke(buyer, skill_id);
    // 21 cents and 4 for the platform.
    expect(run).toMatchObject({
      status: "completed",
      service_cost_cents: 25,
      charged_cents: 25 + 25 + 1,
    });
    expect(run).toMatchObject({
      charge_note: expect.stringMatching(/credentials: 21 cents and 4 for the platform/),
    });
    expect(JSON.stringify(run)).not.toContain(SELLER_SECRET);
    expect(await buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000 - 51,
      held_cents: 0,
    });
    expect(await seller.ok("stack_check_invocation", { invocation_id: run.id })).toMatchObject({
      earned_cents: 17 + 21,
    });
    expect(await seller.ok("stack_get_earnings")).toMatchObject({ skills: [{ earned_cents: 38 }] });
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
    const proxied = (who: Operator) =>
      auditOf(world, who).then((rows) => rows.map(({ action }) => action));
    expect((await proxied(seller)).filter((action) => action === "credential.proxy")).toHaveLength(
      3,
    );
    expect((await proxied(buyer)).filter((action) => action === "skill.fetch")).toHaveLength(3);
  });

  test.each([
    ["calls", { max_calls: 2 }, 2],
    ["cents", { max_cost_cents: 20 }, 2],
    ["none at all", { max_calls: 0 }, 0],
  ])(
    "is stopped at the limit of %s, however many calls it makes at once",
    async (_, limit, reached) => {
      const world = await openWorld();
      await connectAs(world.seller);
      const code = `const tried = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => proxy_fetch("SERVER/", { service: "acme-crm" })));
      return { error: tried.map((one) => one.reason?.code ?? one.value.status).join() };`;
      const skill_id = await publish(world, code, { ...SELLERS, seller_credential_limit: limit });
      const run = await invoke(world.buyer, skill_id);
      const codes = run.output.error.split(",");
      expect(codes.filter((code) => code === "200")).toHaveLength(reached);
      expect(codes.filter((code) => code === "SERVICE_LIMIT")).toHaveLength(6 - reached);
      expect(world.server.seen).toHaveLength(reached);
      expect(await world.app.services.wallet.findLedgerProblems()).toEqual([]);
    },
  );

  test("counts each redirect, and each try of a model, as a call", async () => {
    const world = await openWorld((response, request) => {
      const n = Number(request.url.slice(1));
      if (n < 3) response.writeHead(302, { location: `/${n + 1}` }).end();
      else response.end("there");
    });
    await connectAs(world.seller);
    const code = `return { error: await proxy_fetch("SERVER/0", { service: "acme-crm" }).then((r) => String(r.status), (e) => e.code) };`;
    const two = await publish(world, code, {
      ...SELLERS,
      name: "two",
      seller_credential_limit: { max_calls: 2 },
    });
    expect(await invoke(world.buyer, two)).toMatchObject({
      output: { error: "SERVICE_LIMIT" },
      service_cost_cents: 9,
    });
    expect(world.server.seen).toHaveLength(2);
    const four = await publish(world, code, {
      ...SELLERS,
      name: "four",
      seller_credential_limit: { max_calls: 4 },
    });
    expect(await invoke(world.buyer, four)).toMatchObject({
      output: { error: "200" },
      service_cost_cents: 28 + 5,
    });
    expect(await world.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("tells who quotes it where data may go", async () => {
    const world = await openWorld();
    await connectAs(world.seller);
    const skill_id = await publish(world, CALL, SELLERS);
    expect(await world.buyer.ok("stack_quote_skill", { skill_id })).toMatchObject({
      services: [{ provider: "acme-crm", provided_by: "seller", hosts: ["127.0.0.1"] }],
    });
  });

  test("charges nothing for calls that were not answered, nor for a run that fails", async () => {
    const world = await openWorld((response) => void response.socket?.destroy());
    await connectAs(world.seller);
    const call = `await proxy_fetch("SERVER/", { service: "acme-crm" }).catch(() => {});`;
    const limit = { seller_credential_limit: { max_calls: 3 } };
    const unanswered = await publish(world, `${call} return {};`, { ...SELLERS, ...limit });
    expect(await invoke(world.buyer, unanswered)).toMatchObject({
      charged_cents: 26,
      service_cost_cents: 0,
    });
    const failing = await publish(world, `${call} throw new Error("no");`, {
      ...SELLERS,
      ...limit,
      name: "fails",
    });
    expect(await invoke(world.buyer, failing)).toMatchObject({
      status: "failed",
      charged_cents: 0,
    });
    expect(await world.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("charges nothing for calls of a free skill, whose version is older than the rule against it", async () => {
    const world = await openWorld();
    await connectAs(world.seller);
    const limit = { seller_credential_limit: { max_calls: 3 } };
    const skill_id = await publish(world, CALL, { ...SELLERS, ...limit });
    const db = new Database(join(world.home, "stack.db"));
    const guards = db
      .prepare(
        "select name from sqlite_master where type = 'trigger' and tbl_name = 'skill_versions'",
      )
      .all();
    for (const { name } of guards as { name: string }[]) db.exec(`drop trigger ${name}`);
    db.exec("update skill_versions set price_cents = 0; update skills set price_cents = 0");
    db.close();
    const run = await invoke(world.buyer, skill_id);
    expect(run).toMatchObject({ status: "completed", charged_cents: 0 });
    expect(world.server.seen).toHaveLength(1);
    expect(await world.buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000,
      held_cents: 0,
    });
    expect(await world.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("is refused while its publisher has not connected it, and names no way for the buyer", async () => {
    const world = await openWorld();
    const skill_id = await publish(world, CALL, SELLERS);
    const refused = await world.buyer.refused("stack_invoke_skill", { skill_id, input: {} });
    expect(refused).toMatchObject({
      code: "SERVICE_NOT_CONNECTED",
      details: { provided_by: "seller" },
    });
    await connectAs(world.buyer);
    expect((await world.buyer.refused("stack_invoke_skill", { skill_id, input: {} })).code).toBe(
      "SERVICE_NOT_CONNECTED",
    );
  });
});

test("with both sides each service is called with its own side's credential", async () => {
  const world = await openWorld();
  await connectAs(world.buyer);
  await connectAs(world.seller, { provider: "maps", secret: SELLER_SECRET });
  await connectAs(world.seller, { secret: "never-sent-9917" });
  const code = `const a = await proxy_fetch("SERVER/a", { service: "acme-crm" });
    const b = await proxy_fetch("SERVER/b", { service: "maps" });
    return { error: a.status + "," + b.status };`;
  const skill_id = await publish(world, code, {
    credential_mode: "both",
    required_credentials: [
      { provider: "acme-crm", provided_by: "buyer" },
      { provider: "maps", provided_by: "seller" },
    ],
  });
  expect(await invoke(world.buyer, skill_id)).toMatchObject({ output: { error: "200,200" } });
  expect(world.server.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ["/a", `Bearer ${SECRET}`],
    ["/b", `Bearer ${SELLER_SECRET}`],
  ]);
});

describe("a model step with somebody's own key", () => {
  const models = async (mode: object) => {
    const server = await startLlmServer(says(`{"told":"${SECRET}"}`));
    const test = await openTestApp({
      env: { OPENAI_API_KEY: "sk-of-the-server", OPENAI_BASE_URL: server.baseUrl },
    });
    const [seller, buyer] = [await test.enter("seller"), await test.enter("buyer")];
    const draft = sealedScript("", {
      ...mode,
      price_per_invocation: 10,
      output_schema: true,
      execution_steps: [{ type: "llm", model: "openai/gpt-4o", user_message: "$INPUT.text" }],
    });
    const { id: skill_id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
    return { ...test, server, seller, buyer, skill_id };
  };
  const key = { provider: "openai" };

  test("is paid to its provider by the buyer, and no compute is charged for it", async () => {
    const mode = { credential_mode: "buyer_provides", required_credentials: [key] };
    const { server, buyer, skill_id, app } = await models(mode);
    expect(
      (await buyer.refused("stack_invoke_skill", { skill_id, input: { text: "x" } })).code,
    ).toBe("SERVICE_NOT_CONNECTED");
    await connectAs(buyer, { provider: "openai", hosts: ["api.openai.com"] });
    const wrong = await buyer.refused("stack_invoke_skill", { skill_id, input: { text: "x" } });
    expect(wrong.message).toMatch(/127\.0\.0\.1 is not among the hosts of its connection/);
    const { items } = await buyer.ok<{ items: { id: string }[] }>("stack_list_connected_services");
    const { id: connection_id } = items[0] as { id: string };
    await buyer.ok("stack_update_connection", {
      connection_id,
      hosts: ["127.0.0.1"],
      secret: SECRET,
    });
    const run = await invoke(buyer, skill_id, { input: { text: "x" } });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([`Bearer ${SECRET}`]);
    expect(run).toMatchObject({
      status: "completed",
      charged_cents: 11,
      charge_note: expect.stringContaining(": 1 micro-dollars metered"),
      output: '{"told":"[redacted]"}',
    });
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("is tried once, because each try is paid for", async () => {
    const mode = { credential_mode: "seller_provides", required_credentials: [key] };
    const { server, buyer, seller, skill_id } = await models(mode);
    server.answers = [status(500)];
    await connectAs(seller, { provider: "openai", secret: SELLER_SECRET });
    expect(await invoke(buyer, skill_id, { input: { text: "x" } })).toMatchObject({
      status: "failed",
    });
    expect(server.seen).toHaveLength(1);
  });

  test("is a call with the publisher's credential when the publisher brings it", async () => {
    const mode = {
      credential_mode: "seller_provides",
      required_credentials: [{ ...key, cost_cents_per_call: 20 }],
    };
    const { server, buyer, seller, skill_id } = await models(mode);
    await connectAs(seller, { provider: "openai", secret: SELLER_SECRET });
    expect(await buyer.ok("stack_quote_skill", { skill_id })).toMatchObject({
      service_reserve_cents: 23,
      reserve_cents: 1,
    });
    const run = await invoke(buyer, skill_id, { input: { text: "x" } });
    expect(run).toMatchObject({ status: "completed", charged_cents: 34, service_cost_cents: 23 });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${SELLER_SECRET}`,
    ]);
  });
});
