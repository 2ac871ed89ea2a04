import { Console } from "node:console";
import { serveStdio as serve } from "@modelcontextprotocol/server/stdio";
import type { Logger } from "../../shared/logger.ts";
import { type McpFaceParts, mcpServerFactory } from "./mcp-server.ts";

/** Serves MCP on stdin and stdout until stdin ends. */
export async function serveStdio(parts: McpFaceParts, log: Logger): Promise<void> {
  keepStdoutForJsonRpc();
  const ended = new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
  });
  process.stdout.on("error", () => process.stdin.destroy());
  const handle = serve(mcpServerFactory(parts), { onerror: (error) => log.warn({ err: error }, "MCP over stdio") });
  await ended;
  await handle.close();
}

/** Whatever a library prints goes to stderr: one stray byte on stdout would break the protocol. */
function keepStdoutForJsonRpc(): void {
  const { log, info, debug } = new Console(process.stderr);
  Object.assign(console, { log, info, debug });
}
