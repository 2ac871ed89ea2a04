import { INVALID_REQUEST } from "@modelcontextprotocol/server";

export type MessageId = string | number;

export interface SpokenError {
  readonly jsonrpc: "2.0";
  readonly id: MessageId | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** A message as it was meant: a call without arguments says null in some clients. */
export function asSpoken(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(asSpoken);
  const { method, params } = Object(message) as { method?: unknown; params?: { arguments?: unknown } };
  if (method !== "tools/call" || params?.arguments !== null) return message;
  const { arguments: _none, ...rest } = params;
  return { ...(message as object), params: rest };
}

/** The answer to what is JSON and no message of JSON-RPC; undefined for a message, and for a response that is none. */
export function refusalOf(message: unknown): SpokenError | undefined {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return refused(null, "A message is a JSON object.");
  }
  const { jsonrpc, id, method } = message as Readonly<Record<string, unknown>>;
  if (method === undefined && ("result" in message || "error" in message)) return undefined;
  const known = isId(id) ? id : null;
  if (jsonrpc !== "2.0") return refused(known, 'jsonrpc must be "2.0".');
  if (typeof method !== "string") return refused(known, "method must be a text.");
  const isGood = id === undefined || typeof id === "string" || Number.isInteger(id);
  return isGood ? undefined : refused(known, "id must be a text or a whole number.");
}

export function refused(id: MessageId | null, reason: string, code: number = INVALID_REQUEST): SpokenError {
  return { jsonrpc: "2.0", id, error: { code, message: reason } };
}

function isId(id: unknown): id is MessageId {
  return typeof id === "string" || typeof id === "number";
}
