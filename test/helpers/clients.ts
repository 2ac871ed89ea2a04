import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/stdio.js";
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
  close(): Promise<void>;
}

export const CLIENT_KINDS = ["v1", "v2 legacy", "v2 2026-07-28"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

export async function connect(kind: ClientKind, env: Record<string, string>): Promise<TestClient> {
  const client = kind === "v1" ? await connectV1(env) : await connectV2(kind, env);
  onTestFinished(() => client.close());
  return client;
}

const INFO = { name: "test", version: "1.0.0" };

async function connectV1(env: Record<string, string>): Promise<TestClient> {
  const client = new V1Client(INFO);
  await client.connect(new V1Transport({ command: process.execPath, args: [programPath], env, stderr: "pipe" }));
  return {
    era: "legacy",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) } : {};
      return toAnswer(await client.callTool({ name, arguments: input }, undefined, options));
    },
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

async function connectV2(kind: ClientKind, env: Record<string, string>): Promise<TestClient> {
  const mode = kind === "v2 legacy" ? "legacy" : "auto";
  const client = new ModernClient(INFO, { versionNegotiation: { mode } });
  await client.connect(new ModernTransport({ command: process.execPath, args: [programPath], env, stderr: "pipe" }));
  return {
    era: client.getProtocolEra() ?? "none",
    listTools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, onProgress) => {
      const options = onProgress ? { onprogress: ({ message = "" }: { message?: string }) => onProgress(message) } : {};
      return toAnswer(await client.callTool({ name, arguments: input }, options));
    },
    instructions: () => client.getInstructions(),
    close: () => client.close(),
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
