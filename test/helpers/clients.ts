import { EventEmitter, once } from "node:events";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/stdio.js";
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
  call(tool: string, input?: Record<string, unknown>, onProgress?: (message: string) => void): Promise<ToolAnswer>;
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

export async function connect(
  kind: ClientKind,
  env: Record<string, string>,
  flags: readonly string[] = [],
): Promise<TestClient> {
  const client = kind === "v1" ? await connectV1(env, flags) : await connectV2(kind, env, flags);
  onTestFinished(() => client.close());
  return client;
}

const INFO = { name: "test", version: "1.0.0" };

async function connectV1(env: Record<string, string>, flags: readonly string[]): Promise<TestClient> {
  const client = new V1Client(INFO);
  const updates = updateFeed();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updates.announce(params.uri));
  await client.connect(
    new V1Transport({ command: process.execPath, args: [programPath, ...flags], env, stderr: "pipe" }),
  );
  return {
    era: "legacy",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) } : {};
      return toAnswer(await client.callTool({ name, arguments: input }, undefined, options));
    },
    ...commonParts(client, updates),
    subscribe: async (uri) => void (await client.subscribeResource({ uri })),
    close: () => client.close(),
  };
}

async function connectV2(kind: ClientKind, env: Record<string, string>, flags: readonly string[]): Promise<TestClient> {
  const mode = kind === "v2 legacy" ? "legacy" : "auto";
  const client = new ModernClient(INFO, { versionNegotiation: { mode } });
  const updates = updateFeed();
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => updates.announce(params.uri));
  await client.connect(
    new ModernTransport({ command: process.execPath, args: [programPath, ...flags], env, stderr: "pipe" }),
  );
  return {
    era: client.getProtocolEra() ?? "none",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) } : {};
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

/** What both SDKs' clients have in common. */
function commonParts(client: V1Client | ModernClient, updates: ReturnType<typeof updateFeed>) {
  return {
    instructions: () => client.getInstructions(),
    read: async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      return (contents[0] as { text: string }).text;
    },
    resources: async () => ({
      uris: (await client.listResources()).resources.map(({ uri }) => uri),
      templates: (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
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
