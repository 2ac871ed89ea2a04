import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";

/**
 * Returns the capabilities of the caller: told with each request since 2026-07-28, at the start of
 * a session before.
 */
export function clientCapabilities(mcp: McpServer, context: ServerContext): ClientCapabilities {
  const envelope = context.mcpReq.envelope as Record<string, unknown> | undefined;
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return capabilities ?? mcp.server.getClientCapabilities() ?? {};
}
