import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import type { HtmlEscapedString } from "hono/utils/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Operation } from "../../operations/define-operation.ts";
import type { Engine } from "../../operations/engine.ts";
import type { Profile } from "../../operations/profile.ts";
import type { Services } from "../../services/services.ts";
import { namesHtmlFirst } from "../../shared/accept.ts";
import { ERRORS } from "../../shared/error-codes.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import { cut } from "../../shared/text.ts";
import { errorResponse, errorStatus, toDomainError } from "./error-response.ts";
import { type HostOriginRules, hostOriginGuard, isKnownOrigin } from "./guard/host-origin-guard.ts";
import type { RateLimits } from "./guard/rate-limits.ts";
import type { HttpEnv } from "./http-env.ts";
import { logRequests } from "./request-log.ts";
import { restRoutes } from "./rest/rest.ts";
import { headersOf } from "./rest/rest-input.ts";
import { auditExportRoutes } from "./routes/audit-export.ts";
import { healthRoutes } from "./routes/health.ts";
import { MCP_PATHS, type McpMount, mcpRoutes } from "./routes/mcp-routes.ts";
import { Metrics } from "./routes/metrics.ts";
import { revocationFeed } from "./routes/revocation-feed.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { verifierRoutes } from "./routes/well-known.ts";

export interface HttpFaceParts {
  readonly engine: Engine;
  readonly services: Services;
  readonly operations: readonly Operation[];
  readonly profile: Profile;
  readonly mcp: McpMount;
  /** The pages for people. */
  readonly pages: Hono;
  /** An error as a page, for a browser that asks for one. */
  readonly errorHtml: (error: DomainError) => HtmlEscapedString | Promise<HtmlEscapedString>;
  readonly gate: HostOriginRules;
  readonly limits: RateLimits;
  readonly log: Logger;
  /** Aborted when the server begins to stop: nobody new is let in. */
  readonly stopping: AbortSignal;
  /** Aborted when running work has ended or was given up: whoever waits is answered. */
  readonly parting: AbortSignal;
}

/** The requests of one server: who is let in, and what answers. */
export function httpFace(parts: HttpFaceParts): Hono<HttpEnv> {
  const { gate, log } = parts;
  const app = new Hono<HttpEnv>();
  app.use(requestId({ limitLength: 64 }));
  app.use(logRequests(log));
  const metrics = new Metrics(parts);
  app.use(metrics.middleware());
  app.use(hostOriginGuard(gate));
  app.use(corsFor(parts));
  app.use(boundedBody());
  app.use(plainBody());
  app.route("/", healthRoutes(parts));
  app.route("/", metrics.routes());
  app.use(unlessStopping(parts.stopping));
  for (const path of ["/checkout/*", "/approvals/*"]) {
    app.use(path, async (c, next) => {
      await parts.limits.countStranger(c);
      await next();
    });
  }
  app.route("/", parts.pages);
  app.route("/", webhookRoutes(parts));
  app.route("/", verifierRoutes(parts));
  app.route("/", revocationFeed(parts));
  app.route("/", auditExportRoutes(parts));
  app.route("/", restRoutes(parts));
  app.route("/", mcpRoutes(parts));
  const answer = (c: Context<HttpEnv>, error: DomainError) => {
    c.header("Vary", "Accept", { append: true });
    if (!isLookedAt(c)) return errorResponse(c, error);
    for (const [name, value] of Object.entries(OF_PAGES)) c.header(name, value);
    return c.html(parts.errorHtml(error), errorStatus(c, error));
  };
  app.notFound((c) => answer(c, nothingHere(c.req.method)));
  app.onError((error, c) =>
    answer(
      c,
      toDomainError(error, log, {
        requestId: c.get("requestId"),
        isGone: c.req.raw.signal.aborted,
      }),
    ),
  );
  return app;
}

/**
 * A page of an error loads its style and no more, is shown within no other page, and is kept
 * nowhere.
 */
const OF_PAGES = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

/** True where a person is answered, and no client of MCP. */
function isLookedAt({ req }: Context): boolean {
  return (
    req.method === "GET" && namesHtmlFirst(req.header("accept")) && !MCP_PATHS.includes(req.path)
  );
}

function corsFor({ gate, operations }: HttpFaceParts) {
  return cors({
    origin: (origin) => (origin !== "" && isKnownOrigin(origin, gate) ? origin : null),
    allowMethods: ["GET", "POST", "PATCH", "DELETE", "OPTIONS"],
    allowHeaders: [
      "authorization",
      "content-type",
      ...new Set(
        operations.flatMap((operation) =>
          Object.values(headersOf(operation)).map((name) => name.toLowerCase()),
        ),
      ),
      "x-request-id",
      ...MCP_HEADERS,
    ],
    exposeHeaders: [
      "x-request-id",
      "retry-after",
      "www-authenticate",
      "mcp-session-id",
      "mcp-protocol-version",
    ],
    maxAge: 600,
  });
}

const MCP_HEADERS = [
  "mcp-session-id",
  "mcp-protocol-version",
  "mcp-method",
  "mcp-name",
  "last-event-id",
  "x-stack-tools",
  "x-stack-readonly",
];

/** A connection that was open already may still ask; it is sent elsewhere. */
function unlessStopping(stopping: AbortSignal): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!stopping.aborted) return next();
    c.header("Connection", "close");
    return errorResponse(
      c,
      new DomainError("BUSY", "This server is about to stop. Try again in a moment."),
    );
  };
}

/** Most requests say how long they are; only one that does not is counted as it comes. */
function boundedBody(): MiddlewareHandler<HttpEnv> {
  const counted = bodyLimit({
    maxSize: LIMITS.requestBytes,
    onError: (c) => refusal(c, tooLarge()),
  });
  return async (c, next) => {
    const { method } = c.req;
    const length = c.req.header("content-length");
    if (
      method === "GET" ||
      method === "HEAD" ||
      Number(length ?? Number.NaN) <= LIMITS.requestBytes
    )
      return next();
    return length === undefined ? counted(c, next) : refusal(c, tooLarge());
  };
}

/** A compressed body is small on the way and large here: none is taken. */
function plainBody(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const encoding = c.req.header("content-encoding");
    if (encoding === undefined || encoding.toLowerCase() === "identity") return next();
    const message = `The body is encoded as ${cut(encoding, 32)}, which is not accepted: send it without Content-Encoding.`;
    return refusal(c, new DomainError("UNSUPPORTED_ENCODING", message));
  };
}

/** A client of MCP reads JSON-RPC and nothing else. */
function refusal(c: Context<HttpEnv>, error: DomainError): Response {
  if (!MCP_PATHS.includes(c.req.path)) return errorResponse(c, error);
  const body = { code: -32_600, message: `${error.code}: ${error.message}` };
  return c.json(
    { jsonrpc: "2.0", id: null, error: body },
    ERRORS[error.code].status as ContentfulStatusCode,
  );
}

function tooLarge(): DomainError {
  return new DomainError(
    "PAYLOAD_TOO_LARGE",
    `A request may have at most ${LIMITS.requestBytes} bytes.`,
  );
}

function nothingHere(method: string): DomainError {
  return new DomainError(
    "NOT_FOUND",
    `There is no route for ${method} at this path. /openapi.json lists the routes.`,
  );
}
