import { Hono } from "hono";
import type { Services } from "../../../services/services.ts";
import type { HttpEnv } from "../http-env.ts";

export interface HealthParts {
  readonly services: Services;
  readonly stopping: AbortSignal;
}

/** Tells whether the process lives, and whether it should be sent requests, without a key. */
export function healthRoutes({ services, stopping }: HealthParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get("/health/live", (c) => c.json({ status: "live" }));
  app.get("/health/ready", async (c) => {
    if (stopping.aborted) return c.json({ status: "stopping" }, 503);
    const usable = await services.health.storageWorks();
    return usable
      ? c.json({ status: "ready" })
      : c.json({ status: "storage does not answer" }, 503);
  });
  return app;
}
