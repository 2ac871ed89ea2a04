import { Console } from "node:console";
import type { McpServer } from "@modelcontextprotocol/server";
import { serveStdio as serve } from "@modelcontextprotocol/server/stdio";
import { buildMcpServer } from "../mcp-server.ts";
import { readResource } from "../resources/resources.ts";
import { Session, type SessionParts } from "../session.ts";
import { ResourceSubscriptions } from "../subscriptions/resource-subscriptions.ts";
import { StdioTransport } from "./stdio-transport.ts";

/** Serves MCP on stdin and stdout until stdin ends. */
export async function serveStdio(parts: SessionParts): Promise<void> {
  keepStdoutForJsonRpc();
  const ended = new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
  });
  process.stdout.on("error", () => process.stdin.destroy());
  const session = new Session(parts);
  const watches: ResourceSubscriptions[] = [];
  const watchOn = (mcp: McpServer) => {
    const watch = new ResourceSubscriptions({
      read: (uri) => readResource(session, uri),
      announce: (uri) => void mcp.server.sendResourceUpdated({ uri }).catch(() => {}),
      onChange: parts.onChange,
    });
    watches.push(watch);
    return watch;
  };
  const listen = (uris: readonly string[]) => {
    for (const watch of watches) for (const uri of uris) void watch.add(uri);
  };
  const onerror = (error: Error) => parts.log.warn({ err: error }, "MCP over stdio");
  const build = () => buildMcpServer({ session, watchOn });
  const handle = serve(build, { transport: new StdioTransport(listen), onerror });
  await ended;
  for (const watch of watches) watch.close();
  await handle.close();
}

/** Whatever a library prints goes to stderr: one stray byte on stdout would break the protocol. */
function keepStdoutForJsonRpc(): void {
  const { log, info, debug } = new Console(process.stderr);
  Object.assign(console, { log, info, debug });
}
