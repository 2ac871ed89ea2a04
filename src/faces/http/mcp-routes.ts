import { type Context, Hono } from "hono";
import type { Credential } from "../../services/operators/access-service.ts";
import { type AuthenticationParts, authenticated } from "./authenticate.ts";
import type { HttpEnv } from "./http-env.ts";

/** MCP on this server, which another face brings: it answers requests of callers that were let in. */
export interface McpMount {
  fetch(request: Request, sender: McpSender): Promise<Response>;
  openSse(request: Request, sender: McpSender): Promise<Response>;
  postSse(request: Request, sender: McpSender): Promise<Response>;
}

interface McpSender {
  readonly operatorId: string;
  readonly credential: Credential;
  readonly requestId: string;
}

export interface McpRouteParts extends AuthenticationParts {
  readonly mcp: McpMount;
}

export function mcpRoutes({ mcp, ...parts }: McpRouteParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  for (const path of ["/mcp", "/sse", "/messages"]) app.use(path, authenticated(parts));
  app.all("/mcp", (c) => mcp.fetch(c.req.raw, senderOf(c)));
  app.get("/sse", (c) => mcp.openSse(c.req.raw, senderOf(c)));
  app.post("/messages", (c) => mcp.postSse(c.req.raw, senderOf(c)));
  return app;
}

function senderOf(c: Context<HttpEnv>): McpSender {
  return { operatorId: c.get("caller").operatorId, credential: c.get("credential"), requestId: c.get("requestId") };
}
