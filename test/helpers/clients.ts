import { EventEmitter, once } from "node:events";
import {
  type ClientCapabilities,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport as V1Sse } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as V1Http } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";
import { programPath } from "./program.ts";

export interface ToolAnswer {
  readonly isError: boolean;
  readonly structured: Record<string, unknown> | undefined;
  readonly text: string;
}

/** A real MCP client in front of the real program. */
export interface TestClient {
  readonly era: string;
  listTools(): Promise<{ name: string; description?: string | undefined; inputSchema: unknown }[]>;
  call(
    tool: string,
    input?: Record<string, unknown>,
    onProgress?: (message: string) => void,
  ): Promise<ToolAnswer>;
  instructions(): string | undefined;
  /** The text of a resource. */
  read(uri: string): Promise<string>;
  resources(): Promise<{ uris: string[]; templates: string[] }>;
  /** Resolves at the next notice that the resource was updated. */
  nextUpdate(uri: string): Promise<void>;
  /** Begins to listen for updates of a resource. */
  subscribe(uri: string): Promise<void>;
  prompts(): Promise<string[]>;
  prompt(name: string, args?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

export const CLIENT_KINDS = ["v1", "v2 legacy", "v2 2026-07-28"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];
export const HTTP_CLIENT_KINDS = [...CLIENT_KINDS, "v1 sse"] as const;
export type HttpClientKind = (typeof HTTP_CLIENT_KINDS)[number];

/** A client in front of the real program, which it starts on a folder that stays empty. */
export async function connect(
  kind: ClientKind,
  env: Record<string, string>,
  flags: readonly string[] = [],
): Promise<TestClient> {
  const child = {
    command: process.execPath,
    args: [programPath, "--no-seed", ...flags],
    env,
    stderr: "pipe" as const,
  };
  return kind === "v1" ? withV1(new V1Transport(child)) : withV2(kind, new ModernTransport(child));
}

export interface HttpTarget {
  readonly url: string;
  readonly apiKey: string;
  /** Of `/mcp` or `/sse`: what follows the path. */
  readonly query?: string;
  readonly headers?: Record<string, string>;
  /** The capabilities that the client declares. */
  readonly capabilities?: ClientCapabilities;
  readonly onElicit?: (url: string) => Promise<"accept" | "decline">;
}

/** A client in front of a server that runs already. */
export async function connectTo(kind: HttpClientKind, target: HttpTarget): Promise<TestClient> {
  const headers = { authorization: `Bearer ${target.apiKey}`, ...target.headers };
  const url = (path: string) => new URL(`${path}${target.query ?? ""}`, target.url);
  const requestInit = { headers };
  if (kind === "v1")
    return withV1(new V1Http(url("/mcp"), { requestInit }) as unknown as V1Transport);
  if (kind !== "v1 sse") return withV2(kind, new ModernHttp(url("/mcp"), { requestInit }), target);
  const withHeaders = (address: string | URL, init?: RequestInit) =>
    fetch(address, { ...init, headers: { ...init?.headers, ...headers } });
  return withV1(
    new V1Sse(url("/sse"), {
      requestInit,
      eventSourceInit: { fetch: withHeaders },
    }) as unknown as V1Transport,
  );
}

const INFO = { name: "test", version: "1.0.0" };

async function withV1(transport: V1Transport): Promise<TestClient> {
  const client = new V1Client(INFO);
  onTestFinished(() => client.close());
  const updates = updateFeed();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
    updates.announce(params.uri),
  );
  await client.connect(transport);
  return {
    era: "legacy",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress
        ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) }
        : {};
      return toAnswer(await client.callTool({ name, arguments: input }, undefined, options));
    },
    ...commonParts(client, updates),
    subscribe: async (uri) => void (await client.subscribeResource({ uri })),
    close: () => client.close(),
  };
}

async function withV2(
  kind: ClientKind,
  transport: ModernTransport | ModernHttp,
  { capabilities, onElicit }: Pick<HttpTarget, "capabilities" | "onElicit"> = {},
): Promise<TestClient> {
  const mode = kind === "v2 legacy" ? "legacy" : "auto";
  const client = new ModernClient(INFO, {
    versionNegotiation: { mode },
    ...(capabilities ? { capabilities } : {}),
  });
  onTestFinished(() => client.close());
  const updates = updateFeed();
  client.setNotificationHandler("notifications/resources/updated", ({ params }) =>
    updates.announce(params.uri),
  );
  if (onElicit) {
    client.setRequestHandler("elicitation/create", async ({ params }) => ({
      action: await onElicit((params as { url?: string }).url ?? ""),
    }));
  }
  await client.connect(transport);
  return {
    era: client.getProtocolEra() ?? "none",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress
        ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) }
        : {};
      return toAnswer(await client.callTool({ name, arguments: input }, options));
    },
    ...commonParts(client, updates),
    subscribe: async (uri) => {
      if (kind === "v2 legacy") await client.subscribeResource({ uri });
      else await client.listen({ resourceSubscriptions: [uri] });
    },
    close: () => client.close(),
  };
}

function updateFeed() {
  const events = new EventEmitter();
  return {
    announce: (uri: string) => void events.emit(uri),
    next: async (uri: string) => void (await once(events, uri)),
  };
}

/** The common part of both SDKs' clients. */
function commonParts(client: V1Client | ModernClient, updates: ReturnType<typeof updateFeed>) {
  return {
    instructions: () => client.getInstructions(),
    read: async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      return (contents[0] as { text: string }).text;
    },
    resources: async () => ({
      uris: (await client.listResources()).resources.map(({ uri }) => uri),
      templates: (await client.listResourceTemplates()).resourceTemplates.map(
        ({ uriTemplate }) => uriTemplate,
      ),
    }),
    nextUpdate: updates.next,
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    prompt: async (name: string, args: Record<string, string> = {}) => {
      const { messages } = await client.getPrompt({ name, arguments: args });
      return (messages[0] as { content: { text: string } }).content.text;
    },
  };
}

function toAnswer(result: unknown): ToolAnswer {
  const { isError, structuredContent, content } = result as {
    isError?: boolean;
    structuredContent?: Record<string, unknown>;
    content: { type: string; text: string }[];
  };
  return { isError: isError === true, structured: structuredContent, text: content[0]?.text ?? "" };
}

/** The body of an error as a tool's text has it, behind a line that says `CODE: sentence`. */
export function errorIn(text: string): {
  error: { code: string; message: string; details?: object };
} {
  const [, code, message, json = ""] = /^([A-Z_]+): (.*)\n(\{.*\})$/s.exec(text) ?? [];
  const body = JSON.parse(json);
  const told = body.error.code ?? body.code;
  if (told !== code || (body.error.message ?? body.message) !== message)
    throw new Error(`two errors in one: ${text}`);
  return body;
}
