import { type Answer, send, type TestServer } from "./server.ts";

export const ACCEPT = { accept: "application/json, text/event-stream" };
export const VERSION = "2026-07-28";

/** The envelope of a request of the 2026 revision. */
export function envelopeOf(capabilities: object = {}): object {
  return {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
}

/**
 * A message of the server, as far as a test looks into it: what is not there fails the test that
 * reads it.
 */
export interface Wire {
  readonly result: {
    readonly status: string;
    readonly taskId: string;
    readonly cacheScope: string;
    readonly tools: readonly { readonly name: string }[];
    readonly requestState: string;
    readonly structuredContent: { readonly status: string };
    readonly skills: readonly WireSkill[];
  };
  readonly error: { readonly code: number; readonly message: string };
}

export interface WireSkill {
  readonly frontmatter: object;
  readonly uri: string;
  readonly resources: readonly { readonly uri: string; readonly digest: string }[];
}

/** A request of the 2026 revision as a client without a library sends it. */
export async function modern(
  server: TestServer,
  key: string,
  method: string,
  params: object,
  capabilities: object = {},
): Promise<Answer & { message: Wire }> {
  const { name } = params as { name?: string };
  const taskId = (params as { taskId?: string }).taskId;
  const headers = {
    ...ACCEPT,
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
    ...((name ?? taskId) ? { "mcp-name": String(name ?? taskId) } : {}),
  };
  const body = {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: { ...params, _meta: envelopeOf(capabilities) },
  };
  return withMessage(await send(server, "POST /mcp", { key, headers, body }));
}

export async function legacy(
  server: TestServer,
  key: string,
  method: string,
  params: object,
  session?: string,
): Promise<Answer & { message: Wire }> {
  const headers = { ...ACCEPT, ...(session === undefined ? {} : { "mcp-session-id": session }) };
  return withMessage(
    await send(server, "POST /mcp", {
      key,
      headers,
      body: { jsonrpc: "2.0", id: 1, method, params },
    }),
  );
}

function withMessage(answer: Answer): Answer & { message: Wire } {
  const at = answer.text.indexOf("{");
  return {
    ...answer,
    message: (at < 0 ? undefined : JSON.parse(answer.text.slice(at).trim())) as Wire,
  };
}

export const HELLO = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
};

export async function openSession(server: TestServer, key: string): Promise<string> {
  const { headers } = await legacy(server, key, "initialize", HELLO);
  return headers.get("mcp-session-id") ?? "";
}
