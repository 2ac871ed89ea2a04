import { DomainError } from "../shared/errors.ts";
import { type StripeSettings, stripeClient } from "../stripe/stripe-client.ts";
import type { RemoteProvider } from "./provider.ts";

/**
 * Documents checked by Stripe Identity. What is on them stays there; here it is known that they
 * were good.
 */
export function stripeIdentity(settings: StripeSettings): RemoteProvider {
  const stripe = stripeClient(settings);
  return {
    key: "stripe_identity",
    name: "Stripe Identity",
    claimTypes: ["verified_human", "verified_identity"],
    assurance: "high",
    async start({ verificationId, returnUrl }) {
      try {
        const { verificationSessions } = (await stripe()).identity;
        const order = { type: "document" as const, client_reference_id: verificationId };
        const session = await verificationSessions.create(
          {
            ...order,
            options: { document: { require_matching_selfie: true } },
            ...(returnUrl && { return_url: returnUrl }),
          },
          { idempotencyKey: verificationId },
        );
        if (session.url === null) throw new Error("Stripe gave no page for the verification");
        return { sessionRef: session.id, url: session.url };
      } catch (error) {
        const message =
          "Stripe Identity did not start the verification. The server's log says why; try again later.";
        throw new DomainError("BUSY", message, undefined, error);
      }
    },
    async readWebhook(body, header) {
      const { webhooks } = await stripe();
      const signature = header("stripe-signature") ?? "";
      const event = await webhooks
        .constructEventAsync(body, signature, settings.webhookSecret.reveal())
        .catch((error: unknown) => {
          throw new DomainError(
            "FORBIDDEN",
            "The webhook has no recent signature by Stripe.",
            undefined,
            error,
          );
        });
      switch (event.type) {
        case "identity.verification_session.verified":
          return { sessionRef: event.data.object.id, verified: true };
        case "identity.verification_session.canceled":
          return { sessionRef: event.data.object.id, verified: false };
        default:
          return undefined;
      }
    },
  };
}
