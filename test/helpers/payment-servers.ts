import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Clock } from "../../src/shared/clock.ts";
import { makeHome } from "./home.ts";
import { type HttpServer, type SeenRequest, startHttpServer } from "./http-server.ts";
import { type Answer, send, startTestServer, type TestServer } from "./server.ts";

const SECRETS = {
  STRIPE_SECRET_KEY: "sk_test_stripe_canary",
  STRIPE_WEBHOOK_SECRET: "whsec_stripe_canary",
  PADDLE_API_KEY: "pdl_paddle_canary",
  PADDLE_WEBHOOK_SECRET: "ntfset_paddle_canary",
};

export interface PaidServer extends TestServer {
  /** The processor's API on this machine, and what it was asked. */
  readonly processor: HttpServer;
  /**
   * The status of its API's answers: 200 at first. A status under 0 is given after the work was
   * done.
   */
  readonly mood: { status: number };
}

/** A server for live money whose payment processor is on this machine. */
export async function startPaidServer(
  name: "stripe" | "paddle",
  clock?: Clock,
  /** Another process on the same data folder. */
  beside?: PaidServer,
): Promise<PaidServer> {
  if (beside)
    return { ...beside, ...(await startTestServer({ home: beside.home, env: SECRETS, clock })) };
  const mood = { status: 200 };
  const answerOf = name === "stripe" ? stripeApi() : paddleApi();
  const processor = await startHttpServer((response, request) => {
    const done = mood.status === 200 || mood.status < 0 ? answerOf(request) : REFUSAL;
    const answer = mood.status === 200 ? done : REFUSAL;
    response
      .writeHead(Math.abs(mood.status), { "content-type": "application/json" })
      .end(JSON.stringify(answer));
  });
  const home = makeHome();
  const payments = { topups: name, [name]: { base_url: processor.url } };
  writeFileSync(join(home, "config.json"), JSON.stringify({ payments }));
  return { ...(await startTestServer({ home, env: SECRETS, clock })), processor, mood };
}

const REFUSAL = {
  error: { type: "invalid_request_error", code: "bad", detail: "no", message: "no" },
};

/**
 * Answers like Stripe, as far as Stripe's answers are read. It remembers refunds and transfers, and
 * forgets idempotency keys.
 */
function stripeApi(): (request: SeenRequest) => object {
  const made = new Map<string, object[]>([
    ["refunds", []],
    ["transfers", []],
  ]);
  return ({ method, url, body }) => {
    const form = new URLSearchParams(body);
    const [, kind = ""] = /^\/v1\/(\w+)/.exec(url) ?? [];
    const list = made.get(kind);
    if (list && method === "GET") return { object: "list", url, has_more: false, data: list };
    if (list) {
      const one = {
        id: `${kind}_1`,
        object: kind.slice(0, -1),
        metadata: { refund_id: form.get("metadata[refund_id]") },
      };
      list.push(one);
      return one;
    }
    if (kind === "checkout") {
      const id = `cs_test_${form.get("client_reference_id")}`;
      return { id, object: "checkout.session", url: `https://checkout.stripe.com/c/pay/${id}` };
    }
    if (kind === "accounts") return { id: "acct_seller", object: "account" };
    return { object: "account_link", url: "https://connect.stripe.com/setup/e/1" };
  };
}

/** Answers like Paddle, as far as Paddle's answers are read. It remembers refunds. */
function paddleApi(): (request: SeenRequest) => object {
  const adjustments: object[] = [];
  return ({ method, url, body }) => {
    if (url.startsWith("/adjustments") && method === "GET") {
      return {
        data: adjustments,
        meta: { pagination: { has_more: false, next: "", per_page: 50, estimated_total: 1 } },
      };
    }
    const asked = JSON.parse(body) as { custom_data: { topup_id: string }; reason: string };
    if (url.startsWith("/adjustments")) {
      adjustments.push({
        id: "adj_1",
        action: "refund",
        status: "pending_approval",
        reason: asked.reason,
        items: [],
        totals: {},
      });
      return { data: adjustments.at(-1), meta: {} };
    }
    const { custom_data } = asked;
    const checkout = { url: `https://buy.paddle.example/?_ptxn=txn_${custom_data.topup_id}` };
    const id = `txn_${custom_data.topup_id}`;
    return {
      data: { id, status: "ready", custom_data, checkout, items: [], payments: [] },
      meta: {},
    };
  };
}

export interface Signing {
  readonly secret?: string;
  /** The time of the signature, in epoch milliseconds. */
  readonly at?: number;
  /** Changes the body after it was signed. */
  readonly forge?: (body: string) => string;
}

/** An event as Stripe sends it. */
export async function stripeSends(
  server: TestServer,
  type: string,
  object: object,
  signing: Signing = {},
): Promise<Answer> {
  const body = JSON.stringify({
    id: "evt_1",
    object: "event",
    api_version: "2026-01-01",
    type,
    data: { object },
  });
  const { secret = SECRETS.STRIPE_WEBHOOK_SECRET, at = Date.now(), forge = same } = signing;
  const seconds = Math.floor(at / 1_000);
  const mac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "stripe-signature": `t=${seconds},v1=${mac}` };
  return send(server, "POST /v1/billing/webhooks/stripe", { body: forge(body), headers });
}

/** An event as Paddle sends it. */
export async function paddleSends(
  server: TestServer,
  type: string,
  data: object,
  signing: Signing = {},
): Promise<Answer> {
  const body = JSON.stringify({
    event_id: "evt_1",
    event_type: type,
    occurred_at: "2026-01-01T00:00:00Z",
    notification_id: "ntf_1",
    data,
  });
  const { secret = SECRETS.PADDLE_WEBHOOK_SECRET, at = Date.now(), forge = same } = signing;
  const seconds = Math.floor(at / 1_000);
  const mac = createHmac("sha256", secret).update(`${seconds}:${body}`).digest("hex");
  return send(server, "POST /v1/billing/webhooks/paddle", {
    body: forge(body),
    headers: { "paddle-signature": `ts=${seconds};h1=${mac}` },
  });
}

function same(body: string): string {
  return body;
}

export function stripePayment(topupId: string, amountCents: number, more: object = {}): object {
  return {
    id: `cs_test_${topupId}`,
    object: "checkout.session",
    client_reference_id: topupId,
    payment_status: "paid",
    payment_intent: `pi_${topupId}`,
    amount_total: amountCents,
    currency: "usd",
    ...more,
  };
}

export function paddlePayment(topupId: string, amountCents: number, more: object = {}): object {
  const totals = {
    subtotal: String(amountCents),
    tax: "0",
    total: String(amountCents),
    currency_code: "USD",
  };
  return {
    id: `txn_${topupId}`,
    status: "completed",
    currency_code: "USD",
    custom_data: { topup_id: topupId },
    items: [],
    payments: [],
    details: {
      totals,
      tax_rates_used: [],
      line_items: [
        {
          id: `txnitm_${topupId}`,
          price_id: "pri_1",
          quantity: 1,
          tax_rate: "0",
          totals,
          unit_totals: totals,
          product: {
            id: "pro_1",
            name: "Wallet top-up",
            tax_category: "standard",
            status: "active",
          },
        },
      ],
    },
    ...more,
  };
}

/** A top-up that waits for its payment at the processor. */
export async function openTopup(server: PaidServer, key: string, amount_cents = 2_500) {
  const { body, status } = await send(server, "POST /v1/billing/topup", {
    key,
    body: { amount_cents },
  });
  expect(status).toBe(200);
  return body as { session_id: string; checkout_url: string };
}
