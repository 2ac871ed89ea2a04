import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "../../../domain/identity/caller.ts";
import { type Credential, principalOf } from "../../../services/auth/authentication-service.ts";
import { DomainError } from "../../../shared/errors.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { HttpEnv } from "../http-env.ts";

const MINUTE_S = 60;

/**
 * Limits on requests within a minute: of a key, and of an address that shows none. Counted in this
 * process.
 */
export class RateLimits {
  readonly #keys = new RateLimiterMemory({
    points: LIMITS.requestsPerMinute.key,
    duration: MINUTE_S,
  });
  readonly #strangers = new RateLimiterMemory({
    points: LIMITS.requestsPerMinute.address,
    duration: MINUTE_S,
  });
  readonly #behindProxy: boolean;

  /**
   * Behind a proxy on this machine, a request's address is the last that `X-Forwarded-For` names.
   */
  constructor(options: { readonly behindProxy: boolean }) {
    this.#behindProxy = options.behindProxy;
  }

  /** Throws RATE_LIMITED. */
  async countCaller(caller: Caller, credential: Credential, requests = 1): Promise<void> {
    // However many passports come of an agent, together they are one.
    const name = caller.agent?.rootId ?? principalOf(caller, credential);
    await consume(this.#keys, name, LIMITS.requestsPerMinute.key, requests);
  }

  /** Throws RATE_LIMITED. */
  async countAgent(agentId: string): Promise<void> {
    await consume(this.#keys, agentId, LIMITS.requestsPerMinute.key);
  }

  /** Throws RATE_LIMITED. */
  async countStranger(c: Context<HttpEnv>): Promise<void> {
    await consume(this.#strangers, this.#addressOf(c), LIMITS.requestsPerMinute.address);
  }

  #addressOf(c: Context<HttpEnv>): string {
    const peer = (c.env as HttpBindings | undefined)?.incoming?.socket?.remoteAddress ?? "unknown";
    const forwarded =
      this.#behindProxy && isLoopback(peer) ? lastOf(c.req.header("x-forwarded-for")) : undefined;
    return networkOf(forwarded ?? peer);
  }
}

async function consume(
  limiter: RateLimiterMemory,
  name: string,
  most: number,
  points = 1,
): Promise<void> {
  try {
    await limiter.consume(name, points);
  } catch (refusal) {
    const seconds = Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1_000));
    const message = `More than ${most} requests within a minute. Try again in ${seconds} s.`;
    throw new DomainError("RATE_LIMITED", message, { retry_after_seconds: seconds });
  }
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

function lastOf(header: string | undefined): string | undefined {
  return header?.split(",").at(-1)?.trim() || undefined;
}

/** Whoever has one IPv6 address has the whole /64. */
function networkOf(address: string): string {
  return address.includes(":") && !address.startsWith("::ffff:")
    ? address.split(":").slice(0, 4).join(":")
    : address;
}
