import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { Operator } from "../../helpers/operator.ts";
import {
  auditOf,
  CALL,
  connectAs,
  invoke,
  openServiceWorld,
  publishCaller,
  SECRET,
  SELLER_SECRET,
} from "../../helpers/service-world.ts";

const SELLERS = {
  credential_mode: "seller_provides",
  required_credentials: [{ provider: "acme-crm", cost_cents_per_call: 7 }],
};

describe("a skill that calls its publisher's service", () => {
  test("charges the cost of each answered call and 15 % on it, within what was held", async () => {
    const world = await openServiceWorld();
    const { buyer, seller, app } = world;
    await connectAs(seller, { secret: SELLER_SECRET });
    const code = `const all = [];
      for (let i = 0; i < 3; i++) all.push(await (await proxy_fetch("SERVER/" + i, { service: "acme-crm" })).json());
      return { seen: all };`;
    const limit = { seller_credential_limit: { max_calls: 5, max_cost_cents: 30 } };
    const skill_id = await publishCaller(world, code, { ...SELLERS, ...limit });
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
  ])("stops at the limit of %s, however many calls it makes at once", async (_, limit, reached) => {
    const world = await openServiceWorld();
    await connectAs(world.seller);
    const code = `const tried = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => proxy_fetch("SERVER/", { service: "acme-crm" })));
      return { error: tried.map((one) => one.reason?.code ?? one.value.status).join() };`;
    const skill_id = await publishCaller(world, code, {
      ...SELLERS,
      seller_credential_limit: limit,
    });
    const run = await invoke(world.buyer, skill_id);
    const codes = run.output.error.split(",");
    expect(codes.filter((code) => code === "200")).toHaveLength(reached);
    expect(codes.filter((code) => code === "SERVICE_LIMIT")).toHaveLength(6 - reached);
    expect(world.server.seen).toHaveLength(reached);
    expect(await world.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("counts each redirect, and each try of a model, as a call", async () => {
    const world = await openServiceWorld((response, request) => {
      const n = Number(request.url.slice(1));
      if (n < 3) response.writeHead(302, { location: `/${n + 1}` }).end();
      else response.end("there");
    });
    await connectAs(world.seller);
    const code = `return { error: await proxy_fetch("SERVER/0", { service: "acme-crm" }).then((r) => String(r.status), (e) => e.code) };`;
    const two = await publishCaller(world, code, {
      ...SELLERS,
      name: "two",
      seller_credential_limit: { max_calls: 2 },
    });
    expect(await invoke(world.buyer, two)).toMatchObject({
      output: { error: "SERVICE_LIMIT" },
      service_cost_cents: 9,
    });
    expect(world.server.seen).toHaveLength(2);
    const four = await publishCaller(world, code, {
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
    const world = await openServiceWorld();
    await connectAs(world.seller);
    const skill_id = await publishCaller(world, CALL, SELLERS);
    expect(await world.buyer.ok("stack_quote_skill", { skill_id })).toMatchObject({
      services: [{ provider: "acme-crm", provided_by: "seller", hosts: ["127.0.0.1"] }],
    });
  });

  test("charges nothing for calls that were not answered, nor for a run that fails", async () => {
    const world = await openServiceWorld((response) => void response.socket?.destroy());
    await connectAs(world.seller);
    const call = `await proxy_fetch("SERVER/", { service: "acme-crm" }).catch(() => {});`;
    const limit = { seller_credential_limit: { max_calls: 3 } };
    const unanswered = await publishCaller(world, `${call} return {};`, { ...SELLERS, ...limit });
    expect(await invoke(world.buyer, unanswered)).toMatchObject({
      charged_cents: 26,
      service_cost_cents: 0,
    });
    const failing = await publishCaller(world, `${call} throw new Error("no");`, {
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

  test("charges nothing for calls of a free skill older than the rule against it", async () => {
    const world = await openServiceWorld();
    await connectAs(world.seller);
    const limit = { seller_credential_limit: { max_calls: 3 } };
    const skill_id = await publishCaller(world, CALL, { ...SELLERS, ...limit });
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

  test("needs its publisher's connection, and names no way for the buyer", async () => {
    const world = await openServiceWorld();
    const skill_id = await publishCaller(world, CALL, SELLERS);
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

test("calls each service with its own side's credential when both bring one", async () => {
  const world = await openServiceWorld();
  await connectAs(world.buyer);
  await connectAs(world.seller, { provider: "maps", secret: SELLER_SECRET });
  await connectAs(world.seller, { secret: "never-sent-9917" });
  const code = `const a = await proxy_fetch("SERVER/a", { service: "acme-crm" });
    const b = await proxy_fetch("SERVER/b", { service: "maps" });
    return { error: a.status + "," + b.status };`;
  const skill_id = await publishCaller(world, code, {
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
