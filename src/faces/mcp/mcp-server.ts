import {
  type CallToolResult,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import type { Outcome } from "../../operations/engine.ts";
import { errorBody } from "../../operations/error-body.ts";
import { PROGRAM } from "../../shared/version.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import type { Session } from "./session.ts";
import { toolList } from "./tool-list.ts";
import type { ResourceWatch } from "./watch.ts";

const NAME_CHARS = 64;
const LIST = { ttlMs: 300_000, cacheScope: "public" } as const;

/**
 * A factory of MCP servers over a session, for both protocol eras. The two tool methods are our own handlers, so that there
 * is one validator and one shape of error.
 */
export function mcpServerFactory(session: Session, watchOn: (mcp: McpServer) => ResourceWatch): () => McpServer {
  const listed = new Map(session.profile.listed.map((operation) => [operation.name as string, operation]));
  let tools: Tool[] | undefined;
  return () => {
    const mcp = new McpServer(
      { name: PROGRAM.name, title: "stack-mcp", version: PROGRAM.version },
      {
        instructions: INSTRUCTIONS,
        capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, prompts: {} },
        cacheHints: {
          "tools/list": LIST,
          "prompts/list": LIST,
          "resources/list": LIST,
          "resources/templates/list": LIST,
        },
      },
    );
    registerResources(mcp, session);
    registerPrompts(mcp, session);
    answerSubscriptions(mcp, watchOn(mcp));
    mcp.server.setRequestHandler("tools/list", () => {
      tools ??= toolList(session.profile.listed);
      return { tools };
    });
    mcp.server.setRequestHandler("tools/call", async (request, context) => {
      const operation = listed.get(request.params.name);
      if (!operation) throw unknownTool(session, request.params.name);
      const following = { signal: context.mcpReq.signal, progress: progressOf(context) };
      return toolResult(await session.run(operation, request.params.arguments, following));
    });
    return mcp;
  };
}

/** A tool that is there and not listed is reached by a detour; a name that a caller made up is cut. */
function unknownTool({ profile }: Session, name: string): ProtocolError {
  const hidden = profile.allowed.find((operation) => operation.name === name);
  const detour = hidden ? " It is not listed here: stack_find_tools tells how to run it." : "";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, NAME_CHARS)}.${detour}`);
}

/** The 2025 way to subscribe; the SDK routes what is announced, and answers the newer way itself. */
function answerSubscriptions(mcp: McpServer, watch: ResourceWatch): void {
  mcp.server.setRequestHandler("resources/subscribe", async ({ params }) => {
    if (!(await watch.add(params.uri))) throw new ResourceNotFoundError(params.uri);
    return {};
  });
  mcp.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    watch.remove(params.uri);
    return {};
  });
}

/** The facts go out twice, because clients differ in which form the model sees. */
function toolResult(outcome: Outcome): CallToolResult {
  if (!outcome.ok)
    return { isError: true, content: [{ type: "text", text: JSON.stringify(errorBody(outcome.error)) }] };
  return { content: [{ type: "text", text: JSON.stringify(outcome.value) }], structuredContent: outcome.value };
}

/** Progress is told only to callers that asked for it. A caller that is gone is nobody's error. */
function progressOf({ mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (report: { readonly progress: number; readonly total?: number; readonly message: string }) => {
    mcpReq.notify({ method: "notifications/progress", params: { progressToken, ...report } }).catch(() => {});
  };
}
