import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApp } from "../../../src/app/create-app.ts";
import { loadConfig } from "../../../src/config/config.ts";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { testEnv } from "../../helpers/home.ts";
import {
  openTopup,
  startPaidServer,
  stripePayment,
  stripeSends,
} from "../../helpers/payment-servers.ts";
import { send } from "../../helpers/server.ts";
import { sealedScript } from "../../helpers/skills.ts";
import { expectSoundLedger } from "../../helpers/wallet.ts";

test("opens the payment on the page that a refusal for want of money leads to", async () => {
  const server = await startPaidServer("stripe");
  const seller = await server.createOperator("seller", { fundCents: 0 });
  const skill = await send(server, "POST /v1/skills", {
    key: seller,
    body: sealedScript("return {};"),
  });
  const refused = await send(server, `POST /v1/skills/${skill.body.id}/invoke`, {
    key: server.localKey,
    body: { input: {} },
  });
  expect(refused).toMatchObject({
    status: 402,
    body: { error: "insufficient_balance", balance_cents: 0 },
  });
  const page = new URL(String(refused.body.top_up_url));
  expect(page.origin).toBe(server.url);
  expect(server.processor.seen).toEqual([]);
  const pay = () =>
    send(server, `POST ${page.pathname}`, {
      body: "action=pay",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  const [first, second] = [await pay(), await pay()];
  expect(first.status).toBe(303);
  expect(first.headers.get("location")).toMatch(/^https:\/\/checkout\.stripe\.com/);
  expect(second.headers.get("location")).toBe(first.headers.get("location"));
  expect(server.processor.seen).toHaveLength(1);
});

test("pays a publisher once a month, into the account that it set up", async () => {
  let now = Date.now();
  const server = await startPaidServer(
    "stripe",
    clockAt(() => now),
  );
  const seller = await server.createOperator("seller", { fundCents: 0 });
  const { session_id: id } = await openTopup(server, server.localKey, 10_000);
  await stripeSends(server, "checkout.session.completed", stripePayment(id, 10_000));
  const offer = sealedScript("return {};", { price_per_invocation: 5_000 });
  const skill = await send(server, "POST /v1/skills", { key: seller, body: offer });
  const bought = await send(server, `POST /v1/skills/${skill.body.id}/invoke`, {
    key: server.localKey,
    body: { input: {}, wait_ms: 20_000 },
  });
  expect(bought.body).toMatchObject({ status: "completed" });
  const { payouts } = server.app.services;
  const paid = () =>
    server.processor.seen.filter(({ method, url }) => method === "POST" && url === "/v1/transfers");
  await expect(payouts.run("2099-01")).rejects.toMatchObject({ code: "INVALID_REQUEST" });

  now += 40 * 86_400_000;
  await server.app.services.pages.announce(server.url);
  expect(await payouts.run(undefined)).toMatchObject({ payouts: [], awaiting_account: 1 });
  const setUp = () => send(server, "POST /v1/billing/payouts/account", { key: seller });
  const onboarding_url = "https://connect.stripe.com/setup/e/1";
  expect((await setUp()).body).toEqual({ processor: "stripe", ready: false, onboarding_url });
  await setUp();
  expect(server.processor.seen.filter(({ url }) => url === "/v1/accounts")).toHaveLength(1);
  expect(await payouts.run(undefined)).toMatchObject({ payouts: [], awaiting_account: 1 });
  const account = {
    id: "acct_seller",
    object: "account",
    payouts_enabled: true,
    capabilities: { transfers: "active" },
  };
  await stripeSends(server, "account.updated", account);
  expect((await setUp()).body).toMatchObject({ ready: true });

  server.mood.status = 400;
  expect(await payouts.run(undefined)).toMatchObject({
    payouts: [],
    awaiting_account: 0,
    in_transit: 1,
  });
  await expectSoundLedger(server);
  server.mood.status = 200;
  const runs = await Promise.all([payouts.run(undefined), payouts.run(undefined)]);
  expect(runs.flatMap((run) => run.payouts)).toMatchObject([{ amount_cents: 3_500 }]);
  expect(await payouts.run(undefined)).toMatchObject({ payouts: [], in_transit: 0 });
  expect(paid()).toHaveLength(1);
  expect(paid().at(-1)?.body).toContain("amount=3500&currency=usd&destination=acct_seller");
  await expectSoundLedger(server);
});

test("rejects real processors with play money, and grants with live money", async () => {
  const { home, app } = await openTestApp({ start: false });
  await app.stop(0);
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ payments: { topups: "stripe", stripe: {} } }),
  );
  const secrets = { STRIPE_SECRET_KEY: "a", STRIPE_WEBHOOK_SECRET: "b" };
  await expect(createApp(loadConfig(testEnv(home, secrets)))).rejects.toMatchObject({
    code: "MISCONFIGURED",
  });
  expect(() => loadConfig(testEnv(home))).toThrow(/STRIPE_SECRET_KEY/);
  const live = await startPaidServer("stripe");
  await expect(live.createOperator("rich", { fundCents: 1 })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  await expect(
    live.createOperator("human", { fundCents: 0, claimTypes: ["verified_human"] }),
  ).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  expect((await send(live, "GET /v1/billing/balance", { key: live.localKey })).body).toMatchObject({
    play_money: false,
    balance_cents: 0,
  });
});
