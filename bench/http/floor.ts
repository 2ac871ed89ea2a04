// The floors for the HTTP face: bare node:http, and the SDK's MCP server behind the same adapter
// with nothing behind it.
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import * as z from "zod";

const KEY = Buffer.from(`Bearer ${process.env.FLOOR_KEY ?? ""}`);
const BALANCE = {
  balance_cents: 1_000,
  balance_usd: "$10.00",
  held_cents: 0,
  earnings_cents: 0,
  tier: "free",
};
const shape = z.object({ text: z.string() });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? "");
  const known = given.length === KEY.length && timingSafeEqual(given, KEY);
  let body: unknown;
  if (request.method === "POST") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    body = JSON.parse(Buffer.concat(chunks).toString());
  }
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...BALANCE, body }));
}

function echoServer(): McpServer {
  const server = new McpServer({ name: "floor", version: "0" }, { capabilities: { tools: {} } });
  for (const name of ["echo", "echo_two", "echo_three"]) {
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
}

const tell = ({ port }: AddressInfo) => process.stdout.write(`http://127.0.0.1:${port}: \n`);
if (process.argv[2] === "mcp") {
  const handler = createMcpHandler(echoServer);
  const app = new Hono();
  app.all("/mcp", (c) => handler.fetch(c.req.raw));
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, tell);
} else {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1", () => tell(server.address() as AddressInfo));
}
