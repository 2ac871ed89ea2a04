import type { PaymentSettings } from "../payments/processors.ts";
import { DomainError } from "../shared/errors.ts";
import { Secret } from "../shared/secret.ts";
import type { HostFile } from "./host-file.ts";

/** What config.json says of payments, with the secrets that it names. Throws MISCONFIGURED for one that is not there. */
export function paymentSettings(
  payments: HostFile["payments"],
  environment: NodeJS.ProcessEnv,
): PaymentSettings | undefined {
  if (!payments) return undefined;
  const secret = (name: string) => {
    const { [name]: value } = environment;
    if (value) return new Secret(value);
    throw new DomainError("MISCONFIGURED", `config.json names ${name} for payments, and it is not set.`);
  };
  const url = (text: string | undefined) => (text === undefined ? undefined : new URL(text));
  const { topups, stripe, paddle } = payments;
  return {
    topups,
    stripe: stripe && {
      secretKey: secret(stripe.secret_key_env),
      webhookSecret: secret(stripe.webhook_secret_env),
      baseUrl: url(stripe.base_url),
    },
    paddle: paddle && {
      apiKey: secret(paddle.api_key_env),
      webhookSecret: secret(paddle.webhook_secret_env),
      environment: paddle.environment,
      baseUrl: url(paddle.base_url),
    },
  };
}
