import type { EgressResponse } from "../../egress/http-exchange.ts";
import type { Redactor } from "../../egress/redact.ts";
import type { Json } from "../../shared/json.ts";

/** Returns an answer with the sent secret removed. */
export function withoutSecret(
  { status, headers, body }: EgressResponse,
  redactor: Redactor,
): EgressResponse {
  const clean = Object.entries(headers).map(([name, value]) => [
    redactor.text(name),
    redactor.text(value),
  ]);
  return {
    status,
    headers: Object.fromEntries(clean) as Record<string, string>,
    body: redactor.bytes(body),
  };
}

/** Returns an answer for a guest: a text body as text, any other as base64 with `encoding`. */
export function guestAnswer({ status, headers, body }: EgressResponse): Json {
  const text = body.toString("utf8");
  if (Buffer.from(text).equals(body)) return { status, headers, body: text.replace(/^\ufeff/, "") };
  const charset = /charset="?([\w-]+)/i.exec(headers["content-type"] ?? "")?.[1];
  const decoded = charset === undefined ? undefined : decodedAs(charset, body);
  if (decoded !== undefined) return { status, headers, body: decoded };
  return { status, headers, body: body.toString("base64"), encoding: "base64" };
}

/** Undefined for a name that is none, and for bytes that are not what they are said to be. */
function decodedAs(charset: string, body: Buffer): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
