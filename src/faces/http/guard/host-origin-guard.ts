import type { Context, MiddlewareHandler } from "hono";
import { DomainError } from "../../../shared/errors.ts";
import { errorResponse } from "../error-response.ts";
import type { HttpEnv } from "../http-env.ts";

/** The hosts under which this server is addressed, and the origins of pages that may address it. */
export interface HostOriginRules {
  /** Host names without ports, in lower case; IPv6 in brackets. */
  readonly hosts: readonly string[];
  readonly corsOrigins: readonly string[];
}

export const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Refuses a request that is addressed to a name that this server does not have, or that a page of
 * another site sends: a page somewhere on the web must not reach a server on this machine, however
 * its name resolves.
 */
export function hostOriginGuard(gate: HostOriginRules): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const problem = hostProblem(c, gate) ?? originProblem(c, gate);
    if (problem) return errorResponse(c, problem);
    return next();
  };
}

function hostProblem(c: Context, { hosts }: HostOriginRules): DomainError | undefined {
  const host = nameOf(`http://${c.req.header("host") ?? ""}`);
  if (host !== undefined && hosts.includes(host)) return undefined;
  return new DomainError(
    "FORBIDDEN",
    "This server does not have the name in the Host header. The server's host adds names with STACK_ALLOWED_HOSTS.",
  );
}

/**
 * Tells whether pages of an origin may call: origins that the host named, and this server's own
 * names, on any port.
 */
export function isKnownOrigin(origin: string, { hosts, corsOrigins }: HostOriginRules): boolean {
  if (corsOrigins.includes(origin)) return true;
  const name = nameOf(origin);
  return name !== undefined && hosts.includes(name);
}

function originProblem(c: Context, gate: HostOriginRules): DomainError | undefined {
  const origin = c.req.header("origin");
  if (origin === undefined || isKnownOrigin(origin, gate)) return undefined;
  return new DomainError(
    "FORBIDDEN",
    "Pages of this origin may not call this server. The server's host adds origins as cors_origins in config.json.",
  );
}

function nameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
