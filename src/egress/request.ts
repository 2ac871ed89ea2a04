import * as z from "zod";
import { SERVER_HEADERS } from "../domain/identity/connection.ts";
import type { Json } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import { EgressError } from "./egress-error.ts";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type Method = (typeof METHODS)[number];

const HOST_NAME_CHARS = 253;

/** One request on its way out. */
export interface EgressRequest {
  readonly url: URL;
  readonly method: Method;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer | undefined;
}

export interface FetchRequest extends EgressRequest {
  /** The connected service whose credential goes with it. */
  readonly service: string | undefined;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const headerValue = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, "has a character that no header may have"));
const initSchema = z.strictObject({
  method: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(METHODS))
    .default("GET"),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/), headerValue)
    .default({}),
  query: z.record(z.string(), z.union([scalar, z.array(scalar)]).nullable()).default({}),
  body: z.json().optional(),
  /** `base64`: the body is bytes, written so. */
  encoding: z.literal("base64").optional(),
  service: z.string().max(64).nullish(),
});
const callSchema = z.tuple([z.string().max(8_192), initSchema.nullable()]);

/**
 * Reads what a guest asks for: `[url, {method, headers, query, body, service}]`. Throws EgressError
 * INVALID_REQUEST.
 */
export function parseFetch(call: Json): FetchRequest {
  const parsed = callSchema.safeParse(call);
  if (!parsed.success) throw invalid(problemOf(parsed.error));
  const [text, init] = parsed.data;
  const { method, headers, query, body, encoding, service } = init ?? initSchema.parse({});
  const url = parseUrl(text);
  appendQuery(
    url,
    Object.entries(query).flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => [name, String(one)] as const),
    ),
  );
  const given = headersOf(headers);
  if (body !== undefined && body !== null && (method === "GET" || method === "HEAD")) {
    throw invalid(`a ${method} request has no body`);
  }
  if (typeof body === "object" && body !== null && !given.has("content-type")) {
    given.set("content-type", "application/json");
  }
  return {
    url,
    method,
    headers: given,
    body: bytesOf(body, encoding),
    service: service ?? undefined,
  };
}

/** Behind what is there, which stays byte for byte: it may be signed. */
export function appendQuery(url: URL, pairs: readonly (readonly [string, string])[]): void {
  if (pairs.length === 0) return;
  const added = new URLSearchParams(
    pairs.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  url.search = url.search === "" ? added : `${url.search}&${added}`;
}

/** An absolute http or https address. Throws EgressError INVALID_REQUEST. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw invalid("url is not an absolute address, such as https://api.example.com/v1");
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw invalid("url must begin with https:// or http://");
  if (url.username !== "" || url.password !== "")
    throw invalid("url must carry no name and password; ask for a service");
  url.hash = "";
  // `example.com.` is the same host.
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  if (url.hostname.length > HOST_NAME_CHARS)
    throw invalid(`a host name has at most ${HOST_NAME_CHARS} characters`);
  return url;
}

function headersOf(headers: Readonly<Record<string, string>>): Map<string, string> {
  const given = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (given.size > LIMITS.fetchHeaders)
    throw invalid(`headers are more than ${LIMITS.fetchHeaders}`);
  const own = SERVER_HEADERS.find((name) => given.has(name));
  if (own) throw invalid(`header ${own} is set by the server`);
  return given;
}

function bytesOf(body: Json | undefined, encoding?: "base64"): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (encoding && typeof body === "string") return Buffer.from(body, encoding);
  if (encoding) throw invalid("a body in base64 is a text");
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path[0] === 0 ? "url" : (issue?.path.slice(1).join(".") ?? "");
  return where === "" ? (issue?.message ?? "it has another form") : `${where}: ${issue?.message}`;
}

function invalid(what: string): EgressError {
  return new EgressError("INVALID_REQUEST", `proxy_fetch: ${what}.`);
}
