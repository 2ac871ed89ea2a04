import type { StripeSettings } from "../stripe/stripe-client.ts";
import { localProcessor } from "./local-processor.ts";
import { type PaddleSettings, paddleProcessor } from "./paddle-processor.ts";
import type { PaymentProcessor, RemoteProcessor } from "./processor.ts";
import { stripeProcessor } from "./stripe-processor.ts";

/** The companies that a host has chosen, for a database of live money. */
export interface PaymentSettings {
  readonly topups: "stripe" | "paddle";
  readonly stripe?: StripeSettings | undefined;
  readonly paddle?: PaddleSettings | undefined;
}

/**
 * The processors that take money in, and the one that brings it out; none for live money without
 * settings.
 */
export interface Processors {
  readonly topups: PaymentProcessor | undefined;
  readonly payouts: PaymentProcessor | undefined;
  /** Those that send webhooks. */
  readonly remote: readonly RemoteProcessor[];
}

export function processorsFor(
  stamp: "play" | "live",
  settings: PaymentSettings | undefined,
): Processors {
  if (stamp === "play") return { topups: localProcessor, payouts: localProcessor, remote: [] };
  const stripe = settings?.stripe && stripeProcessor(settings.stripe);
  const paddle = settings?.paddle && paddleProcessor(settings.paddle);
  const remote = [stripe, paddle].filter((one) => one !== undefined);
  return {
    topups: settings?.topups === "paddle" ? paddle : stripe,
    payouts: stripe ?? paddle,
    remote,
  };
}
