import type { Context, MiddlewareHandler } from "hono";
import type { Credential } from "../../../services/auth/authentication-service.ts";
import type { Services } from "../../../services/services.ts";
import { DomainError } from "../../../shared/errors.ts";
import { Secret } from "../../../shared/secret.ts";
import type { HttpEnv } from "../http-env.ts";
import type { RateLimits } from "./rate-limits.ts";

export interface AuthenticationParts {
  readonly services: Services;
  readonly limits: RateLimits;
}

/** Admits requests with a valid credential within their rate; counts the others by address. */
export function authenticated({
  services,
  limits,
}: AuthenticationParts): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const stranger = async (error: unknown) => {
      await limits.countStranger(c);
      throw error;
    };
    const count = async (admitted: Credential) => {
      if (admitted.kind === "agent") await limits.countAgent(admitted.agentId);
    };
    const credential = await services.authentication.admit(credentialOf(c), count).catch(stranger);
    const caller = await services.authentication.authenticate(credential).catch(stranger);
    if (credential.kind !== "agent") await limits.countCaller(caller, credential);
    c.set("credential", credential);
    c.set("caller", caller);
    return next();
  };
}

const BEARER = /^bearer +([\x21-\x7e]{1,8192}) *$/i;

function credentialOf(c: Context): Credential {
  const header = c.req.header("authorization");
  if (header === undefined) return { kind: "none" };
  const [, token] = BEARER.exec(header) ?? [];
  if (token === undefined) {
    throw new DomainError(
      "UNAUTHORIZED",
      "The Authorization header must be of the form `Bearer sk_live_op_…`.",
    );
  }
  return { kind: "bearer", token: new Secret(token), source: "the Authorization header" };
}
