import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Extensible } from "../../src/faces/mcp/mcp-server.ts";

/** The parts of the conformance suite's fixtures. */

export type Input = Record<string, unknown>;
type Result = CallToolResult | InputRequiredResult;
type Run = (input: Input, context: ServerContext, own: Extensible) => Result | Promise<Result>;

export interface ToolFixture {
  readonly inputSchema?: object;
  readonly run: Run;
}

export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
export const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

export function text(said: string): CallToolResult {
  return { content: [{ type: "text", text: said }] };
}

export const takes = (properties: object) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

export function ask(message: string, property: string, type: "string" | "boolean" = "string") {
  const requestedSchema = {
    type: "object",
    properties: { [property]: { type } },
    required: [property],
  } as never;
  return inputRequired.elicit({ message, requestedSchema });
}

export function sample(said: string, maxTokens: number) {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: said } }],
    maxTokens,
  });
}

/** Text that differs each time, so that states do. */
export const nonce = () => crypto.randomUUID();
