import type { PaymentSettings } from "../payments/processors.ts";
import { DomainError } from "../shared/errors.ts";
import { Secret } from "../shared/secret.ts";
import type { StripeSettings } from "../stripe/stripe-client.ts";
import type { HostFile } from "./host-file.ts";
import { secretProblem, secretText } from "./secret-text.ts";

/** Gives the secret of a variable that config.json names. */
type SecretOf = (name: string) => Secret<string>;

/** Identity as config.json has it, with the secrets that it names. */
export function identitySettings(
  identity: HostFile["identity"],
  secret: SecretOf,
): StripeSettings | undefined {
  if (!identity) return undefined;
  const { secret_key_env, webhook_secret_env, base_url } = identity.stripe;
  return {
    secretKey: secret(secret_key_env),
    webhookSecret: secret(webhook_secret_env),
    baseUrl: url(base_url),
  };
}

/** A secret of the environment. Throws MISCONFIGURED for one that is not there, or can be none. */
export function secretNamed(
  name: string,
  { [name]: value = "" }: NodeJS.ProcessEnv,
): Secret<string> {
  const problem = secretProblem(value);
  if (problem !== undefined) throw new DomainError("MISCONFIGURED", `${name} ${problem}.`);
  if (secretText(value) !== "") return new Secret(secretText(value));
  throw new DomainError(
    "MISCONFIGURED",
    `config.json names the variable ${name}, which is not set.`,
  );
}

function url(text: string | undefined): URL | undefined {
  return text === undefined ? undefined : new URL(text);
}

/** Payments as config.json has them, with the secrets that it names. */
export function paymentSettings(
  payments: HostFile["payments"],
  secret: SecretOf,
): PaymentSettings | undefined {
  if (!payments) return undefined;
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
