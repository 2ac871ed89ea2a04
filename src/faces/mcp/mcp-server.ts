import {
  type CallToolResult,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import type { Operation } from "../../operations/define-operation.ts";
import type { Call, Engine, Outcome } from "../../operations/engine.ts";
import { errorBody } from "../../operations/error-body.ts";
import type { Credential } from "../../services/operators/access-service.ts";
import { DomainError } from "../../shared/errors.ts";
import { PROGRAM } from "../../shared/version.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { toolList } from "./tool-list.ts";

export interface McpFaceParts {
  /** Puts the program together at the first call; a listing does not need it. */
  readonly engine: () => Promise<Engine>;
  readonly operations: readonly Operation[];
  readonly credential: Credential;
}

const LIST_TTL_MS = 300_000;

/**
 * A factory of MCP servers over the operations, for both protocol eras. The two tool methods are our own handlers, so that
 * there is one validator and one shape of error.
 */
export function mcpServerFactory(parts: McpFaceParts): () => McpServer {
  const operations = new Map(parts.operations.map((operation) => [operation.name as string, operation]));
  let tools: Tool[] | undefined;
  return () => {
    const mcp = new McpServer(
      { name: PROGRAM.name, title: "stack-mcp", version: PROGRAM.version },
      {
        instructions: INSTRUCTIONS,
        capabilities: { tools: { listChanged: true } },
        cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" } },
      },
    );
    mcp.server.setRequestHandler("tools/list", () => {
      tools ??= toolList(parts.operations);
      return { tools };
    });
    mcp.server.setRequestHandler("tools/call", async (request, context) => {
      const operation = operations.get(request.params.name);
      if (!operation || operation.mcp === false) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${request.params.name}`);
      }
      const outcome = await runOn(parts.engine, {
        operation,
        input: request.params.arguments,
        credential: parts.credential,
        signal: context.mcpReq.signal,
        progress: progressOf(context),
      });
      return toolResult(outcome);
    });
    return mcp;
  };
}

/** A program that cannot be put together answers calls with the reason. */
async function runOn(engine: McpFaceParts["engine"], call: Call): Promise<Outcome> {
  try {
    return await (await engine()).run(call);
  } catch (error) {
    if (error instanceof DomainError) return { ok: false, error };
    throw error;
  }
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
