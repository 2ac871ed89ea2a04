import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Operation } from "../../operations/define-operation.ts";
import { openApiDocument } from "../../operations/openapi.ts";
import type { Services } from "../../services/services.ts";
import { ERRORS } from "../../shared/error-codes.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { approvalPage } from "./approval-page.ts";
import { ICON, STYLES } from "./assets.ts";
import { checkoutPage } from "./checkout-page.ts";
import { docsPage } from "./docs/docs-page.ts";
import { DOCS_SCRIPT } from "./docs/docs-script.ts";
import { homePage } from "./home-page.ts";
import { errorTitle, messagePage } from "./message-page.ts";

export interface WebParts {
  readonly services: Services;
  readonly operations: readonly Operation[];
  /** Under which others know the server. */
  readonly origin: () => string;
  readonly isPlayMoney: boolean;
  readonly log: Logger;
}

const FORM_BYTES = 1_024;
const ASSET_SECONDS = 3_600;

/**
 * The pages that a person looks at. They work without JavaScript; the documentation filters and
 * copies with it.
 */
export function webPages({ services, operations, origin, isPlayMoney, log }: WebParts): Hono {
  const app = new Hono();
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get("/assets/pages.css", (c) => asset(c, STYLES, "text/css; charset=utf-8"));
  app.get("/assets/icon.svg", (c) => asset(c, ICON, "image/svg+xml"));
  app.get("/assets/docs.js", (c) => asset(c, DOCS_SCRIPT, "text/javascript; charset=utf-8"));
  app.get("/", pageHeaders(), (c) => c.html(homePage({ origin: origin(), isPlayMoney })));
  app.use("/docs", pageHeaders(), compress(), etag());
  app.get("/docs/", (c) => c.redirect("/docs", 301));
  app.get("/docs", (c) => c.html(docsPage(operations, origin())));
  app.use("/openapi.json", compress(), etag());
  app.get("/openapi.json", (c) => {
    document ??= openApiDocument(operations);
    return c.json(document);
  });
  app.use("/checkout/*", pageHeaders(), keptNowhere, bodyLimit({ maxSize: FORM_BYTES }));
  app.get("/checkout/:link", async (c) => {
    const view = await services.checkout.view(c.req.param("link"));
    return c.html(checkoutPage(view, c.req.query("returned") !== undefined));
  });
  // After each answer the page is asked for anew: going back or looking again sends nothing twice.
  app.post("/checkout/:link", async (c) => {
    const link = c.req.param("link");
    const { action } = await formOf(c);
    if (action === "cancel") await services.checkout.cancel(link);
    else if (action === "pay") {
      const { redirect } = await services.checkout.pay(link);
      if (redirect !== undefined) return c.redirect(redirect, 303);
    } else throw invalidRequest("action", "action must be pay or cancel.");
    return c.redirect(`/checkout/${link}`, 303);
  });
  app.get("/approvals/:link", pageHeaders(), keptNowhere, async (c) =>
    c.html(approvalPage(await services.approvals.view(c.req.param("link")), origin())),
  );
  app.onError((error, c) => errorPage(c, error, log));
  return app;
}

/**
 * Nothing is loaded from elsewhere, and no other site may show the page. A form may lead on to a
 * processor's page.
 */
function pageHeaders() {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'", "https:"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    // A page that sent no referrer would send its own form with the origin `null`.
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    strictTransportSecurity: false,
  });
}

const keptNowhere: MiddlewareHandler = async (c, next) => {
  c.header("Cache-Control", "no-store");
  await next();
};

async function formOf(c: Context): Promise<Record<string, unknown>> {
  try {
    return await c.req.parseBody();
  } catch {
    throw new DomainError("INVALID_REQUEST", "The form cannot be read.");
  }
}

function asset(c: Context, text: string, type: string): Response {
  return c.body(text, 200, {
    "Content-Type": type,
    "Cache-Control": `public, max-age=${ASSET_SECONDS}`,
  });
}

function errorPage(c: Context, error: Error, log: Logger): Response | Promise<Response> {
  if (error instanceof DomainError) {
    return c.html(
      messagePage(errorTitle(error), error.message),
      ERRORS[error.code].status as ContentfulStatusCode,
    );
  }
  if (!c.req.raw.signal.aborted) log.error({ err: error }, "a page failed");
  return c.html(
    messagePage("This did not work", "Something went wrong on the server. Nothing was charged."),
    500,
  );
}
