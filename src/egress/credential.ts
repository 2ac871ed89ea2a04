import type { ConnectionAuth } from "../domain/identity/connection.ts";
import { Redactor } from "./redact.ts";
import { appendQuery, type EgressRequest } from "./request.ts";

/**
 * The request with the secret where the service wants it. It takes the place of what the caller put
 * there.
 */
export function withCredential(
  request: EgressRequest,
  auth: ConnectionAuth,
  secret: string,
): EgressRequest {
  if (auth.type === "query") {
    const url = new URL(request.url);
    if (url.searchParams.has(auth.name)) url.searchParams.delete(auth.name);
    appendQuery(url, [[auth.name, secret]]);
    return { ...request, url };
  }
  const [name, value] = headerOf(auth, secret);
  return { ...request, headers: new Map(request.headers).set(name, value) };
}

/** Keeps the secret from whoever asked, in every form that it was sent in. */
export function redactorOf(auth: ConnectionAuth, secret: string): Redactor {
  return new Redactor(auth.type === "basic" ? [secret, `${auth.username}:${secret}`] : [secret]);
}

function headerOf(
  auth: Exclude<ConnectionAuth, { type: "query" }>,
  secret: string,
): [string, string] {
  switch (auth.type) {
    case "bearer":
      return ["authorization", `Bearer ${secret}`];
    case "basic":
      return [
        "authorization",
        `Basic ${Buffer.from(`${auth.username}:${secret}`).toString("base64")}`,
      ];
    case "header":
      return [auth.name.toLowerCase(), `${auth.prefix ?? ""}${secret}`];
  }
}
