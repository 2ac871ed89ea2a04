import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import {
  openTopup,
  type PaidServer,
  paddlePayment,
  paddleSends,
  type Signing,
  startPaidServer,
  stripePayment,
  stripeSends,
} from "../../helpers/payment-servers.ts";
import { send } from "../../helpers/server.ts";
import { expectSoundLedger } from "../../helpers/wallet.ts";

type Pay = (
  topupId: string,
  cents: number,
  change?: object,
  signing?: Signing,
) => Promise<{ status: number }>;

async function balance(server: PaidServer, key: string): Promise<unknown> {
  return (await send(server, "GET /v1/billing/balance", { key })).body.balance_cents;
}

/** Returns the rows of the audit log on payments that were not credited. */
function failedTopups({ home }: PaidServer): unknown[] {
  const db = new Database(join(home, "stack.db"), { readonly: true });
  const rows = db.prepare("select body from audit_log").pluck().all() as string[];
  db.close();
  return rows.filter((body) => body.includes('"wallet.topup"') && body.includes('"failure"'));
}

describe.each([
  ["stripe", "checkout.session.completed", stripePayment, stripeSends],
  ["paddle", "transaction.completed", paddlePayment, paddleSends],
] as const)("payments with %s", (name, type, payment, sends) => {
  const payer =
    (server: PaidServer): Pay =>
    (id, cents, change = {}, signing = {}) =>
      sends(server, type, payment(id, cents, change), signing);

  test("credits a top-up once, however often its payment is reported", async () => {
    const server = await startPaidServer(name);
    const key = await server.keyFor("local");
    expect(await balance(server, key)).toBe(0);
    const { session_id: id, checkout_url } = await openTopup(server, key);
    expect(checkout_url).toMatch(
      name === "stripe" ? /^https:\/\/checkout\.stripe\.com/ : /^https:\/\/buy\.paddle/,
    );
    expect(JSON.stringify(server.processor.seen[0])).toContain("2500");
    const pay = payer(server);
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay(id, 2_500)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await balance(server, key)).toBe(2_500);
    await pay(id, 2_500);
    expect(await balance(server, key)).toBe(2_500);
    await expectSoundLedger(server);
  });

  test("opens one payment at the processor for a repeated request", async () => {
    const server = await startPaidServer(name);
    const ask = () =>
      send(server, "POST /v1/billing/topup", {
        key: server.localKey,
        body: { amount_cents: 1_000 },
        headers: { "idempotency-key": "once" },
      });
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual({ ...first.body, replayed: true });
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(server.processor.seen).toHaveLength(1);
  });

  test.each<[string, Signing]>([
    ["another secret", { secret: "guessed" }],
    ["a body that was changed", { forge: (body) => body.replace("2500", "9900") }],
    ["a time long ago", { at: Date.now() - 3_600_000 }],
  ])("rejects a webhook with %s, and credits nothing", async (_what, signing) => {
    const server = await startPaidServer(name);
    const { session_id: id } = await openTopup(server, server.localKey);
    expect(await payer(server)(id, 2_500, {}, signing)).toMatchObject({
      status: 403,
      body: { error: { code: "FORBIDDEN" } },
    });
    expect(await balance(server, server.localKey)).toBe(0);
    await expectSoundLedger(server);
  });

  test("credits no payment of another amount, currency or top-up", async () => {
    const server = await startPaidServer(name);
    const { session_id: id } = await openTopup(server, server.localKey);
    const pay = payer(server);
    expect((await pay(id, 2_499)).status).toBe(200);
    await pay(id, 2_500, name === "stripe" ? { currency: "eur" } : { currency_code: "EUR" });
    await pay("tup_01jcyxxxxxxxxxxxxxxxxxxxxx", 2_500);
    expect(await balance(server, server.localKey)).toBe(0);
    await pay(id, 2_500);
    await pay(id, 2_500, name === "stripe" ? { payment_intent: "pi_other" } : { id: "txn_other" });
    expect(await balance(server, server.localKey)).toBe(2_500);
    expect(failedTopups(server)).toHaveLength(3);
    await expectSoundLedger(server);
  });

  test("credits money that arrives after the page has closed", async () => {
    const server = await startPaidServer(name);
    const { session_id: id } = await openTopup(server, server.localKey);
    await server.app.store.transact([], (t) => t.topups.close(id));
    await payer(server)(id, 2_500);
    expect(await balance(server, server.localKey)).toBe(2_500);
  });

  test.each([
    ["that it did not take", 400],
    ["whose answer was lost", -500],
  ])(
    "sends a refund once, after an attempt %s too, and debits it at once",
    async (_what, failure) => {
      const server = await startPaidServer(name);
      const { session_id: id } = await openTopup(server, server.localKey);
      await payer(server)(id, 2_500);
      server.mood.status = failure;
      const refund = await send(server, "POST /v1/billing/refund", {
        key: server.localKey,
        body: { amount_cents: 700 },
      });
      expect(refund.body).toMatchObject({ refunded_cents: 700, balance_cents: 1_800 });
      server.mood.status = 200;
      await server.app.services.topups.sendRefunds();
      await server.app.services.topups.sendRefunds();
      const sent = server.processor.seen.filter(
        ({ method, url }) => method === "POST" && /refund|adjustments/.test(url),
      );
      const taken = sent.at(-1);
      expect(taken?.body).toContain("700");
      if (name === "stripe") {
        expect(taken?.body).toContain(`payment_intent=pi_${id}`);
        expect(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
      } else {
        expect(JSON.parse(taken?.body ?? "")).toMatchObject({
          transaction_id: `txn_${id}`,
          items: [{ item_id: `txnitm_${id}` }],
        });
        expect(sent).toHaveLength(1);
      }
      await expectSoundLedger(server);
    },
  );

  test("answers PAYMENTS_UNAVAILABLE when the processor refuses, without its secret", async () => {
    const server = await startPaidServer(name);
    server.mood.status = 400;
    const answer = await send(server, "POST /v1/billing/topup", {
      key: server.localKey,
      body: { amount_cents: 1_000 },
    });
    expect(answer).toMatchObject({
      status: 503,
      body: { error: { code: "PAYMENTS_UNAVAILABLE" } },
    });
    expect(answer.text).not.toContain("canary");
    await expectSoundLedger(server);
  });
});

test("sends each refund once and opens one page a payment, from two processes", async () => {
  const server = await startPaidServer("paddle");
  const other = await startPaidServer("paddle", undefined, server);
  const key = server.localKey;
  const ask = (where: PaidServer) =>
    send(where, "POST /v1/billing/topup", {
      key,
      body: { amount_cents: 2_500 },
      headers: { "idempotency-key": "once" },
    });
  const pages = await Promise.all([ask(server), ask(other), ask(server), ask(other)]);
  expect(new Set(pages.map(({ body }) => body.checkout_url)).size).toBe(1);
  expect(pages.map(({ status, text }) => [status, text.slice(0, 40)])).toEqual(
    pages.map(() => [200, expect.anything()]),
  );
  const id = String(pages[0]?.body.session_id);
  await paddleSends(server, "transaction.completed", paddlePayment(id, 2_500));
  const refund = (where: PaidServer) =>
    send(where, "POST /v1/billing/refund", { key, body: { amount_cents: 100 } });
  await Promise.all([
    refund(server),
    refund(other),
    refund(server),
    refund(other),
    server.app.services.topups.sendRefunds(),
    other.app.services.topups.sendRefunds(),
  ]);
  const posts = server.processor.seen.filter(({ method }) => method === "POST");
  expect(posts.filter(({ url }) => url.startsWith("/transactions"))).toHaveLength(1);
  const reasons = posts
    .filter(({ url }) => url.startsWith("/adjustments"))
    .map(({ body }) => JSON.parse(body).reason);
  expect(reasons).toHaveLength(4);
  expect(new Set(reasons).size).toBe(4);
  await expectSoundLedger(server);
});

test("keeps a payment with the processor that opened it", async () => {
  const server = await startPaidServer("paddle");
  const { session_id: id } = await openTopup(server, server.localKey);
  await paddleSends(server, "transaction.completed", paddlePayment(id, 2_500));
  await server.stop();
  const { processor } = server;
  const payments = {
    topups: "stripe",
    stripe: { base_url: processor.url },
    paddle: { base_url: processor.url },
  };
  writeFileSync(join(server.home, "config.json"), JSON.stringify({ payments }));
  const later = await startPaidServer("paddle", undefined, server);
  await send(later, "POST /v1/billing/refund", {
    key: server.localKey,
    body: { amount_cents: 200 },
  });
  expect(processor.seen.at(-1)?.url).toBe("/adjustments");
});
