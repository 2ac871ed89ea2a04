import { Hono } from "hono";
import type { Services } from "../../../services/services.ts";
import type { HttpEnv } from "../http-env.ts";

/** Webhooks of payment processors and identity providers: they show no key, they sign. */
export function webhookRoutes({ services }: { readonly services: Services }): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.post("/v1/billing/webhooks/:processor", async (c) => {
    await services.checkout.handleWebhook(c.req.param("processor"), await c.req.text(), (name) =>
      c.req.header(name),
    );
    return c.json({ received: true });
  });
  app.post("/v1/identity/webhooks/:provider", async (c) => {
    await services.identity.handleWebhook(c.req.param("provider"), await c.req.text(), (name) =>
      c.req.header(name),
    );
    return c.json({ received: true });
  });
  return app;
}
