// The floor for the MCP face: three tools on the SDK and nothing behind them.
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "floor", version: "0" }, { capabilities: { tools: {} } });
  for (const name of ["echo", "echo_two", "echo_three"]) {
    const shape = z.object({ text: z.string() });
    server.registerTool(
      name,
      { description: "Echo.", inputSchema: shape, outputSchema: shape },
      async ({ text }) => ({
        content: [{ type: "text", text: JSON.stringify({ text }) }],
        structuredContent: { text },
      }),
    );
  }
  return server;
});
process.stdin.on("end", () => process.exit(0));
