import { Hono } from "hono";
import type { AuthenticationParts } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";

const JWKS_SECONDS = 300;

/** Public keys and the signed list of revocations, for whoever verifies tokens offline. */
export function verifierRoutes({ services, limits }: AuthenticationParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
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
  return app;
}
