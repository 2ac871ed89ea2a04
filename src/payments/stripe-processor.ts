import type Stripe from "stripe";
import { DomainError } from "../shared/errors.ts";
import { type StripeSettings, stripeClient } from "../stripe/stripe-client.ts";
import type { PaymentEvent, PayoutDesk, RemoteProcessor } from "./processor.ts";
import { atProcessor, signedBadly } from "./processor-errors.ts";

const ACCOUNT_COUNTRY_ASKED = {
  controller: {
    fees: { payer: "application" as const },
    losses: { payments: "application" as const },
    stripe_dashboard: { type: "express" as const },
  },
  capabilities: { transfers: { requested: true } },
};

/** Top-ups by Stripe Checkout, payouts by Stripe Connect. */
export function stripeProcessor(settings: StripeSettings): RemoteProcessor {
  const stripe = stripeClient(settings);
  return {
    name: "stripe",
    async openCheckout({ topupId, amountCents, returnUrl }) {
      const session = await atProcessor("stripe", async () =>
        (await stripe()).checkout.sessions.create(
          {
            mode: "payment",
            client_reference_id: topupId,
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: "usd",
                  unit_amount: amountCents,
                  product_data: { name: "Wallet top-up" },
                },
              },
            ],
            success_url: returnUrl,
            cancel_url: returnUrl.replace("?returned", ""),
          },
          { idempotencyKey: topupId },
        ),
      );
      if (session.url === null)
        throw new DomainError("PAYMENTS_UNAVAILABLE", "Stripe returned no page for the payment.");
      return { url: session.url, ref: session.id };
    },
    async refund({ refundId, paymentRef, amountCents }) {
      await atProcessor("stripe", async () => {
        const { refunds } = await stripe();
        // Stripe forgets its idempotency keys after a while: whether an earlier attempt got through
        // is asked.
        for await (const known of refunds.list({ payment_intent: paymentRef }))
          if (known.metadata?.refund_id === refundId) return;
        const order = {
          payment_intent: paymentRef,
          amount: amountCents,
          metadata: { refund_id: refundId },
        };
        await refunds.create(order, { idempotencyKey: refundId });
      });
    },
    async readWebhook(body, header) {
      const { webhooks } = await stripe();
      const signature = header("stripe-signature") ?? "";
      const event = await webhooks
        .constructEventAsync(body, signature, settings.webhookSecret.reveal())
        .catch((error: unknown) => {
          throw signedBadly("stripe", error);
        });
      return toEvent(event);
    },
    payouts: stripePayouts(stripe),
  };
}

/** Payouts by Stripe Connect, each to an account of its operator's own. */
function stripePayouts(stripe: () => Promise<Stripe>): PayoutDesk {
  return {
    async onboard({ operatorId, accountRef, returnUrl }) {
      return atProcessor("stripe", async () => {
        const { accounts, accountLinks } = await stripe();
        const account =
          accountRef ??
          (
            await accounts.create(accountOf(operatorId), {
              idempotencyKey: `account-${operatorId}`,
            })
          ).id;
        const urls = { refresh_url: returnUrl, return_url: returnUrl };
        const link = await accountLinks.create({ account, type: "account_onboarding", ...urls });
        return { accountRef: account, url: link.url };
      });
    },
    async pay({ payoutId, accountRef, amountCents }) {
      return atProcessor("stripe", async () => {
        const { transfers } = await stripe();
        const order = {
          amount: amountCents,
          currency: "usd",
          destination: accountRef,
          transfer_group: payoutId,
        };
        const { data: known } = await transfers.list({ transfer_group: payoutId, limit: 1 });
        const { id } = known[0] ?? (await transfers.create(order, { idempotencyKey: payoutId }));
        return { ref: id };
      });
    },
  };
}

function accountOf(operatorId: string) {
  return { ...ACCOUNT_COUNTRY_ASKED, metadata: { operator_id: operatorId } };
}

function toEvent(event: Stripe.Event): PaymentEvent | undefined {
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded": {
      const { client_reference_id, payment_status, payment_intent, amount_total, currency } =
        event.data.object;
      // Some ways to pay are told of before the money is there.
      if (payment_status !== "paid" || client_reference_id === null) return undefined;
      const paymentRef =
        typeof payment_intent === "string" ? payment_intent : (payment_intent?.id ?? "");
      return {
        kind: "paid",
        topupId: client_reference_id,
        paymentRef,
        amountCents: amount_total ?? 0,
        currency: currency ?? "",
      };
    }
    case "account.updated": {
      const { id, capabilities, payouts_enabled } = event.data.object;
      return {
        kind: "account",
        accountRef: id,
        ready: payouts_enabled && capabilities?.transfers === "active",
      };
    }
    default:
      return undefined;
  }
}
