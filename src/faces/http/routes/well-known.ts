import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { requireAudience, requireScope } from "../../../domain/identity/caller.ts";
import { systemClock } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";

const JWKS_SECONDS = 300;
const HEARTBEAT_MS = 15_000;
/** Of one operator, in this process. */
const MOST_FEEDS = 20;

export interface WellKnownParts extends AuthenticationParts {
  readonly parting: AbortSignal;
}

/** What verifiers need: the public keys and the signed list of revocations, for anybody; the feed, for operators. */
export function verifierRoutes({ parting, ...parts }: WellKnownParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const { services, limits } = parts;
  for (const path of ["/v1/.well-known/*", "/.well-known/*"]) {
    app.use(path, async (c, next) => {
      await limits.countStranger(c);
      await next();
    });
  }
  // Libraries look for it at the root.
  for (const path of ["/v1/.well-known/jwks.json", "/.well-known/jwks.json"]) {
    app.get(path, async (c) => {
      c.header("Cache-Control", `public, max-age=${JWKS_SECONDS}`);
      return c.json(await services.signingKeys.jwks());
    });
  }
  app.get("/v1/.well-known/revocations.jwt", async (c) =>
    c.body(await services.revocations.signedList(), 200, {
      "Content-Type": "application/jwt",
      "Cache-Control": "no-store",
    }),
  );
  const open = new Map<string, number>();
  app.get("/v1/passports/revocations", authenticated(parts), (c) => {
    // Hono answers HEAD as it would GET: a feed would be opened that nobody reads.
    if (c.req.method === "HEAD") return c.body(null, 405);
    const caller = c.get("caller");
    requireAudience(caller, "operators", "The feed of revocations");
    requireScope(caller, "passports:read");
    const after = afterOf(c.req.header("last-event-id") ?? c.req.query("after"));
    const credential = c.get("credential");
    const others = open.get(caller.operatorId) ?? 0;
    if (others >= MOST_FEEDS)
      throw new DomainError(
        "RATE_LIMITED",
        `You listen to ${MOST_FEEDS} feeds, which is the most.`,
      );
    open.set(caller.operatorId, others + 1);
    return streamSSE(c, async (stream) => {
      const ending = new AbortController();
      const signal = AbortSignal.any([c.req.raw.signal, parting, ending.signal]);
      stream.onAbort(() => ending.abort());
      // Proxies cut what is silent; and whoever listens must still be let in.
      const beat = async () => {
        if (!(await services.authentication.stillHolds(credential))) ending.abort();
        else await stream.writeSSE({ event: "heartbeat", data: "" });
      };
      const heartbeat = systemClock.every(
        HEARTBEAT_MS,
        () => void beat().catch(() => ending.abort()),
      );
      try {
        await stream.writeSSE({ event: "ready", data: "" });
        for await (const event of services.revocations.feed(caller, after, signal)) {
          if (!(await services.authentication.stillHolds(credential))) break;
          await stream.writeSSE({
            id: String(event.seq),
            event: "revoked",
            data: JSON.stringify(event),
          });
        }
      } finally {
        heartbeat.cancel();
        const left = (open.get(caller.operatorId) ?? 1) - 1;
        if (left > 0) open.set(caller.operatorId, left);
        else open.delete(caller.operatorId);
      }
    });
  });
  return app;
}

function afterOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new DomainError(
    "INVALID_REQUEST",
    "Last-Event-ID must be the id of an event of this feed.",
    {
      field: "after",
    },
  );
}
