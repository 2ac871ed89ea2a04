import type Stripe from "stripe";
import type { Secret } from "../shared/secret.ts";

export interface StripeSettings {
  readonly secretKey: Secret<string>;
  readonly webhookSecret: Secret<string>;
  /** Another server than Stripe's own: for tests. */
  readonly baseUrl?: URL | undefined;
}

const TIMEOUT_MS = 20_000;

/**
 * Stripe's own client, for payments and for identity. Its library is loaded when it is first
 * needed.
 */
export function stripeClient({ secretKey, baseUrl }: StripeSettings): () => Promise<Stripe> {
  let client: Promise<Stripe> | undefined;
  const elsewhere = baseUrl && {
    protocol: baseUrl.protocol === "http:" ? ("http" as const) : ("https" as const),
    host: baseUrl.hostname,
    port: baseUrl.port,
  };
  const settings = { timeout: TIMEOUT_MS, maxNetworkRetries: 1, telemetry: false, ...elsewhere };
  return () => {
    client ??= import("stripe").then(
      ({ default: StripeClient }) => new StripeClient(secretKey.reveal(), settings),
    );
    return client;
  };
}
