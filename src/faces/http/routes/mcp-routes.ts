import { type Context, Hono } from "hono";
import type { Scope } from "../../../domain/identity/caller.ts";
import { type Credential, principalOf } from "../../../services/auth/authentication-service.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { RateLimits } from "../guard/rate-limits.ts";
import type { HttpEnv } from "../http-env.ts";

/**
 * MCP on this server, which another face brings: it answers requests of callers that were let in.
 */
export interface McpMount {
  fetch(request: Request, sender: McpSender): Promise<Response>;
  openSse(request: Request, sender: McpSender): Promise<Response>;
  postSse(request: Request, sender: McpSender): Promise<Response>;
}

interface McpSender {
  readonly operatorId: string;
  /** The agent that the sender acts as, or whose passports it came from. */
  readonly agentId: string | undefined;
  /** Tells senders apart. */
  readonly principal: string;
  readonly credential: Credential;
  readonly rights: { readonly scopes: readonly Scope[]; readonly isAgent: boolean };
  readonly requestId: string;
  /** Counts further messages that came with the request. Throws RATE_LIMITED. */
  readonly countMore: (messages: number) => Promise<void>;
}

export interface McpRouteParts extends AuthenticationParts {
  readonly mcp: McpMount;
}

export const MCP_PATHS: readonly string[] = ["/mcp", "/mcp/", "/sse", "/messages"];

export function mcpRoutes({ mcp, ...parts }: McpRouteParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  for (const path of MCP_PATHS) app.use(path, authenticated(parts));
  for (const path of ["/mcp", "/mcp/"])
    app.all(path, (c) => mcp.fetch(c.req.raw, senderOf(c, parts.limits)));
  // Hono answers HEAD as it would GET: a session would be opened that nobody reads.
  app.get("/sse", (c) =>
    c.req.method === "HEAD" ? c.body(null, 405) : mcp.openSse(c.req.raw, senderOf(c, parts.limits)),
  );
  app.post("/messages", (c) => mcp.postSse(c.req.raw, senderOf(c, parts.limits)));
  return app;
}

function senderOf(c: Context<HttpEnv>, limits: RateLimits): McpSender {
  const [caller, credential] = [c.get("caller"), c.get("credential")];
  const countMore = (messages: number) => limits.countCaller(caller, credential, messages);
  return {
    countMore,
    operatorId: caller.operatorId,
    agentId: caller.agent?.rootId,
    principal: principalOf(caller, credential),
    credential,
    rights: { scopes: caller.scopes, isAgent: caller.agent !== undefined },
    requestId: c.get("requestId"),
  };
}
