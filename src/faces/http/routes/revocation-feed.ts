import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { requireAudience, requireScope } from "../../../domain/identity/caller.ts";
import { systemClock } from "../../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../../shared/errors.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";

const HEARTBEAT_MS = 15_000;
/** Of one operator, in this process. */
const MAX_FEEDS = 20;

export interface FeedParts extends AuthenticationParts {
  readonly parting: AbortSignal;
}

/** The feed of an operator's revocations, as server-sent events. */
export function revocationFeed({ parting, ...parts }: FeedParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const { services } = parts;
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
    if (others >= MAX_FEEDS)
      throw new DomainError(
        "RATE_LIMITED",
        `You listen to ${MAX_FEEDS} feeds, which is the maximum.`,
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
  throw invalidRequest("after", "Last-Event-ID must be the id of an event of this feed.");
}
