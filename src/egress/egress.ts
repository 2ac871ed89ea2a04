import { Resolver } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import { hostIsAmong, isLocalHost } from "../domain/runs/hosts.ts";
import { systemClock } from "../shared/clock.ts";
import { LIMITS } from "../shared/limits.ts";
import type { Secret } from "../shared/secret.ts";
import { arePublic } from "./address.ts";
import { EgressError } from "./egress-error.ts";
import {
  type Dial,
  dialDirectly,
  dialThrough,
  type EgressResponse,
  exchange,
} from "./http-exchange.ts";
import { type EgressRequest, parseUrl } from "./request.ts";

/** The addresses of a host name; none when there are none, or when the signal aborts. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** The rights of one request. */
export interface EgressPolicy {
  /** Host patterns, for the first address and for each redirect. */
  readonly hosts: readonly string[];
  /** Only https, except to a port of this machine that is allowed. */
  readonly secureOnly: boolean;
  /**
   * Adds a credential at the last moment, before each hop. Throws EgressError when it may be used
   * no more.
   */
  readonly authorise?: (request: EgressRequest) => EgressRequest;
  /** Hears of each host that is dialled, the first and those that redirects lead to. */
  readonly onHop?: (hostname: string) => void;
}

export interface EgressOptions {
  /** `127.0.0.1:8080`: ports of this machine that may be reached, for development. */
  readonly allowLocal: readonly string[];
  /** An HTTP proxy on the way, which may carry a name and a password. */
  readonly proxy?: Secret<URL> | undefined;
  readonly resolve?: Resolve;
  readonly dial?: Dial;
}

/** One address that does not answer leaves time for the next. */
const DIAL_MS = 8_000;
const RESOLVE_MS = 4_000;
const MAX_ADDRESSES = 16;
const PORTS = [80, 443, 8_080, 8_443];
const REDIRECTS = [301, 302, 303, 307, 308];
/** A redirect to another origin does not take them along. */
const PRIVATE_HEADERS = ["authorization", "cookie"];

/**
 * The one way out. A name is resolved, every address of it is checked, and one of those very
 * addresses is dialled; each redirect goes the same way. Nothing is kept from one request to the
 * next.
 */
export class Egress {
  readonly #allowLocal: readonly string[];
  readonly #resolve: Resolve;
  readonly #dial: Dial;
  readonly #dialLocal: Dial;

  constructor({ allowLocal, proxy, resolve = askNameServers, dial = dialDirectly }: EgressOptions) {
    this.#allowLocal = allowLocal;
    this.#resolve = resolve;
    this.#dial = proxy ? dialThrough(proxy) : dial;
    this.#dialLocal = dial;
  }

  /** Throws EgressError. */
  async send(
    request: EgressRequest,
    policy: EgressPolicy,
    signal: AbortSignal,
  ): Promise<EgressResponse> {
    const late = systemClock.deadline(LIMITS.fetchMs);
    const ending = AbortSignal.any([signal, late]);
    try {
      let hop = request;
      for (let redirects = 0; ; redirects++) {
        const response = await this.#sendOnce(hop, policy, redirects > 0, ending);
        const next = redirectOf(hop, response);
        if (!next) return response;
        if (redirects === LIMITS.fetchRedirects) {
          throw new EgressError(
            "UNREACHABLE",
            `proxy_fetch: more than ${LIMITS.fetchRedirects} redirects.`,
          );
        }
        hop = next;
      }
    } catch (error) {
      if (error instanceof EgressError) throw error;
      if (late.aborted) {
        throw new EgressError(
          "TIMEOUT",
          `proxy_fetch: no complete response within ${LIMITS.fetchMs / 1_000} seconds.`,
        );
      }
      throw new EgressError("UNREACHABLE", `proxy_fetch: the host ${reasonOf(error)}.`);
    }
  }

  async #sendOnce(
    request: EgressRequest,
    policy: EgressPolicy,
    isRedirect: boolean,
    signal: AbortSignal,
  ): Promise<EgressResponse> {
    const { url } = request;
    signal.throwIfAborted();
    if (!hostIsAmong(policy.hosts, url.hostname)) {
      // A service may have put a secret into the name that it redirects to.
      const host = isRedirect ? "what the answer redirects to" : url.hostname;
      throw new EgressError(
        "HOST_NOT_DECLARED",
        `proxy_fetch: ${host} is not among the hosts it may reach: declare it in egress.hosts, or ask for its service.`,
      );
    }
    const local = isLocalHost(url.hostname);
    if (policy.secureOnly && url.protocol !== "https:" && !local) {
      throw new EgressError("HOST_NOT_DECLARED", "proxy_fetch: a credential goes over https only.");
    }
    const addresses = await this.#addressesOf(url, signal);
    const port = portOf(url);
    if (!local && !PORTS.includes(port)) {
      throw new EgressError(
        "ADDRESS_FORBIDDEN",
        `proxy_fetch: the port must be one of ${PORTS.join(", ")}.`,
      );
    }
    const authorised = policy.authorise?.(request) ?? request;
    policy.onHop?.(url.hostname);
    const dial = local ? this.#dialLocal : this.#dial;
    return exchange(authorised, () => dialFirst(dial, addresses, port, signal), signal);
  }

  /** Every address of the host, all of them fit to be dialled. */
  async #addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const { hostname } = url;
    if (isLocalHost(hostname)) {
      if (this.#allowLocal.includes(`${hostname}:${portOf(url)}`))
        return [hostname === "[::1]" ? "::1" : "127.0.0.1"];
      throw new EgressError(
        "ADDRESS_FORBIDDEN",
        "proxy_fetch: this machine cannot be reached; for development, STACK_EGRESS_ALLOW_LOCAL opens its ports.",
      );
    }
    const literal = hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(literal) ? [literal] : await this.#resolve(hostname, signal);
    signal.throwIfAborted();
    if (addresses.length > 0 && arePublic(addresses)) return addresses;
    // The same words for a name that is not there, so that nobody finds out which private names
    // are.
    throw new EgressError(
      "ADDRESS_FORBIDDEN",
      "proxy_fetch: the host has no address on the public Internet.",
    );
  }
}

/** Tries the checked addresses in their order. */
async function dialFirst(
  dial: Dial,
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  let lastError: unknown;
  for (const address of addresses) {
    try {
      return await dial(
        { address, port },
        AbortSignal.any([signal, systemClock.deadline(DIAL_MS)]),
      );
    } catch (error) {
      lastError = error;
      if (signal.aborted) break;
    }
  }
  throw lastError;
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

/**
 * Asks the name servers themselves: look-ups by the system share a few threads and cannot be given
 * up, so that one guest could stall all of them.
 */
async function askNameServers(hostname: string, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver({ timeout: RESOLVE_MS, tries: 2 });
  const giveUp = () => resolver.cancel();
  signal.addEventListener("abort", giveUp);
  try {
    const found = await Promise.all([
      resolver.resolve4(hostname).catch(() => []),
      resolver.resolve6(hostname).catch(() => []),
    ]);
    return found.flat().slice(0, MAX_ADDRESSES);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** The request that a redirect asks for, as browsers make it. */
function redirectOf(
  request: EgressRequest,
  { status, headers }: EgressResponse,
): EgressRequest | undefined {
  const { location } = headers;
  if (
    !REDIRECTS.includes(status) ||
    location === undefined ||
    !URL.canParse(location, request.url.href)
  )
    return undefined;
  const next = new URL(location, request.url);
  if (next.protocol !== "https:" && next.protocol !== "http:") return undefined;
  const url = parseUrl(next.href);
  const kept = new Map(request.headers);
  if (url.origin !== request.url.origin) for (const name of PRIVATE_HEADERS) kept.delete(name);
  const becomesGet =
    status === 303 ? request.method !== "HEAD" : status <= 302 && request.method === "POST";
  if (!becomesGet) return { ...request, url, headers: kept };
  for (const name of [...kept.keys()]) if (name.startsWith("content-")) kept.delete(name);
  return { url, method: "GET", headers: kept, body: undefined };
}

function reasonOf(error: unknown): string {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "refuses the connection";
  if (
    String(code).startsWith("ERR_TLS") ||
    /certificate|self.signed|altname/i.test(`${code} ${message}`)
  ) {
    return "has no certificate that can be trusted";
  }
  return "could not be reached, or broke off";
}
