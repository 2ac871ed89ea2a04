import { INVALID_REQUEST } from "@modelcontextprotocol/server";

export type MessageId = string | number;

export interface MessageError {
  readonly jsonrpc: "2.0";
  readonly id: MessageId | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** One message or several, each in its normal form. */
export function normaliseMessages(sent: unknown): unknown {
  return Array.isArray(sent) ? sent.map(normaliseMessage) : normaliseMessage(sent);
}

/**
 * A message without params, and a call without arguments, say null in some clients; arguments are
 * JSON text in others.
 */
export function normaliseMessage(message: unknown): unknown {
  const { method, params } = Object(message) as {
    method?: unknown;
    params?: { arguments?: unknown } | null;
  };
  if (typeof method === "string" && params === null) {
    const { params: _none, ...rest } = message as Readonly<Record<string, unknown>>;
    return rest;
  }
  if (method !== "tools/call" || params?.arguments === undefined) return message;
  const { arguments: given, ...rest } = params;
  if (given === null) return { ...(message as object), params: rest };
  const read = typeof given === "string" ? objectIn(given) : undefined;
  return read === undefined
    ? message
    : { ...(message as object), params: { ...rest, arguments: read } };
}

function objectIn(text: string): object | undefined {
  const value = jsonIn(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

/** Undefined for a text that is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The answer to what is JSON and no message of JSON-RPC; undefined for a message, and for a
 * response that is none.
 */
export function refusalOf(message: unknown): MessageError | undefined {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return refused(null, "A message is a JSON object.");
  }
  const { jsonrpc, id, method, params } = message as Readonly<Record<string, unknown>>;
  if (method === undefined && ("result" in message || "error" in message)) return undefined;
  const strange = Object.keys(message).find((name) => !NAMES.includes(name));
  const known = isId(id) ? id : null;
  if (jsonrpc !== "2.0") return refused(known, 'jsonrpc must be "2.0".');
  if (typeof method !== "string") return refused(known, "method must be a text.");
  if (strange !== undefined)
    return refused(known, `A request has ${NAMES.join(", ")} and nothing else.`);
  if (
    params !== undefined &&
    (typeof params !== "object" || params === null || Array.isArray(params))
  ) {
    return refused(known, "params must be an object.");
  }
  const isGood = id === undefined || typeof id === "string" || Number.isSafeInteger(id);
  return isGood ? undefined : refused(known, "id must be a text or a whole number.");
}

const NAMES = ["jsonrpc", "id", "method", "params"];

export function refused(
  id: MessageId | null,
  reason: string,
  code: number = INVALID_REQUEST,
): MessageError {
  return { jsonrpc: "2.0", id, error: { code, message: reason } };
}

export function isId(id: unknown): id is MessageId {
  return typeof id === "string" || typeof id === "number";
}
