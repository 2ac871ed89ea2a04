import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { systemClock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logger.ts";
import type { HttpEnv } from "./http-env.ts";

/** One line a request: never a value of it, and its path only as it was declared. */
export function logRequests(log: Logger): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const began = systemClock.elapsed();
    await next();
    log.info(
      {
        request_id: c.get("requestId"),
        method: c.req.method,
        route: routePath(c, -1),
        status: c.res.status,
        ms: Math.round(systemClock.elapsed() - began),
        operator_id: c.get("caller")?.operatorId,
      },
      "request",
    );
  };
}
