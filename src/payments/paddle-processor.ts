import { createHmac, timingSafeEqual } from "node:crypto";
import type { Environment, EventEntity, Paddle } from "@paddle/paddle-node-sdk";
import { DomainError } from "../shared/errors.ts";
import type { Secret } from "../shared/secret.ts";
import type { PaymentEvent, RemoteProcessor } from "./processor.ts";
import { atProcessor, signedBadly } from "./processor-errors.ts";

export interface PaddleSettings {
  readonly apiKey: Secret<string>;
  readonly webhookSecret: Secret<string>;
  readonly environment: "sandbox" | "production";
  /** Another server than Paddle's own: for tests. */
  readonly baseUrl?: URL | undefined;
}

/** A payment and its one line, as refunds have to name them. */
const REF = /^(txn_\w+)\/(txnitm_\w+)$/;

/**
 * Top-ups by a page of Paddle, who is the merchant of record. Its library is loaded when it is
 * first needed.
 */
export function paddleProcessor(settings: PaddleSettings): RemoteProcessor {
  let client: Promise<Paddle> | undefined;
  const paddle = () => {
    client ??= connect(settings);
    return client;
  };
  return {
    name: "paddle",
    async openCheckout({ topupId, amountCents, returnUrl }) {
      const transaction = await atProcessor("paddle", async () =>
        (await paddle()).transactions.create({
          items: [{ quantity: 1, price: priceOf(amountCents) }],
          currencyCode: "USD",
          customData: { topup_id: topupId },
          checkout: { url: returnUrl },
        }),
      );
      const url = transaction.checkout?.url;
      if (!url)
        throw new DomainError("PAYMENTS_UNAVAILABLE", "Paddle returned no page for the payment.");
      return { url, ref: transaction.id };
    },
    async refund({ refundId, paymentRef, amountCents }) {
      const [, transactionId, itemId] = REF.exec(paymentRef) ?? [];
      if (transactionId === undefined || itemId === undefined)
        throw new DomainError("PAYMENTS_UNAVAILABLE");
      await atProcessor("paddle", async () => {
        const { adjustments } = await paddle();
        const reason = `Unused balance, ${refundId}`;
        // Paddle knows no idempotency keys: whether an attempt got through before is asked.
        for await (const known of adjustments.list({ transactionId: [transactionId] }))
          if (known.reason === reason) return;
        const items = [{ itemId, type: "partial" as const, amount: String(amountCents) }];
        await adjustments.create({ action: "refund", transactionId, reason, items });
      });
    },
    async readWebhook(body, header) {
      const signature = header("paddle-signature") ?? "";
      const secret = settings.webhookSecret.reveal();
      // The library compares digests as texts; here that takes the same time for any text.
      if (!isSigned(body, signature, secret)) throw signedBadly("paddle");
      const { webhooks } = await paddle();
      const event = await webhooks.unmarshal(body, secret, signature).catch((error: unknown) => {
        throw signedBadly("paddle", error);
      });
      return toEvent(event);
    },
  };
}

function priceOf(amountCents: number) {
  return {
    description: "Wallet top-up",
    name: "Wallet top-up",
    unitPrice: { amount: String(amountCents), currencyCode: "USD" as const },
    // Paddle's tax is inside: what arrives is what was asked for.
    taxMode: "internal" as const,
    product: { name: "Wallet top-up", taxCategory: "standard" as const },
  };
}

async function connect({ apiKey, environment, baseUrl }: PaddleSettings): Promise<Paddle> {
  const { Paddle: PaddleClient } = await import("@paddle/paddle-node-sdk");
  return new PaddleClient(apiKey.reveal(), {
    environment: (baseUrl?.origin ?? environment) as Environment,
  });
}

function isSigned(body: string, signature: string, secret: string): boolean {
  const parts = new Map(signature.split(";").map((part) => part.split("=", 2) as [string, string]));
  const expected = createHmac("sha256", secret)
    .update(`${parts.get("ts")}:${body}`)
    .digest();
  const given = Buffer.from(parts.get("h1") ?? "", "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function toEvent(event: EventEntity): PaymentEvent | undefined {
  if (event.eventType !== "transaction.completed") return undefined;
  const { id, customData, details, currencyCode } = event.data;
  const { topup_id: topupId } = (customData ?? {}) as { topup_id?: unknown };
  const [line] = details?.lineItems ?? [];
  if (typeof topupId !== "string") return undefined;
  return {
    kind: "paid",
    topupId,
    paymentRef: `${id}/${line?.id ?? ""}`,
    amountCents: Number(details?.totals?.total),
    currency: currencyCode,
  };
}
