import { createHash, randomUUID } from "node:crypto";
import {
  type AuthInfo,
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  type McpServer,
  type McpServerFactory,
  type ServerNotifier,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Profile, ProfileSettings } from "../../../operations/profile.ts";
import { profileOf } from "../../../operations/profile.ts";
import type { Credential } from "../../../services/operators/access-service.ts";
import { assert } from "../../../shared/errors.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Logger } from "../../../shared/logger.ts";
import { listenedUris } from "../listened-uris.ts";
import { buildMcpServer, type Extension } from "../mcp-server.ts";
import { readResource } from "../resources.ts";
import { type Backend, Session } from "../session.ts";
import { ResourceWatch } from "../watch.ts";
import { ClientSessions, type Owner } from "./client-sessions.ts";
import { SseTransport } from "./sse-transport.ts";

export interface McpHttpParts extends Backend {
  /** What the host lets any session use. */
  readonly profile: ProfileSettings;
  readonly log: Logger;
  readonly extend?: Extension | undefined;
}

/** Who sent a request, as the server in front has found out. */
export interface Sender {
  readonly operatorId: string;
  readonly credential: Credential;
  readonly requestId: string;
}

interface Visit {
  readonly request: Request;
  readonly body: unknown;
  readonly session: Session;
  readonly owner: Owner;
  readonly authInfo: AuthInfo;
  readonly listScope: "public" | "private";
}

const MOST_STREAMS = 200;

/** MCP over Streamable HTTP in both eras, and over the HTTP+SSE of old clients. */
export class McpOverHttp {
  readonly #parts: McpHttpParts;
  readonly #sessions = new ClientSessions<WebStandardStreamableHTTPServerTransport>();
  readonly #sse = new ClientSessions<SseTransport>();
  readonly #profiles = new Map<string, Profile>();
  readonly #stateless: ReturnType<typeof createMcpHandler>;
  /** How each open subscription is told of changes, and ended. */
  readonly #streams = new Map<ServerNotifier, () => void>();

  constructor(parts: McpHttpParts) {
    this.#parts = parts;
    this.#stateless = createMcpHandler(this.#factory(), { onerror: (error) => this.#tell(error) });
  }

  /** `/mcp`. Throws INVALID_REQUEST for tools that there are not. */
  async fetch(request: Request, sender: Sender): Promise<Response> {
    const visit = await this.#visit(request, sender);
    const { body, authInfo } = visit;
    const options = { authInfo, parsedBody: body };
    if (await isLegacyRequest(visit.request, body)) return this.#legacy(visit, options);
    if (listenedUris(body) !== undefined) return this.#listen(visit);
    return this.#stateless.fetch(visit.request, options);
  }

  /** `GET /sse`. */
  async openSse(request: Request, sender: Sender): Promise<Response> {
    const visit = await this.#visit(request, sender);
    const transport = new SseTransport(randomUUID());
    const id = transport.sessionId;
    const { mcp, watch } = this.#sessionful(visit);
    this.#sse.add(id, visit.owner, transport, () => transport.close());
    this.#sse.hold(id, request.signal);
    request.signal.addEventListener("abort", () => void transport.close());
    const response = transport.response();
    await mcp.connect(transport);
    onClose(transport, () => {
      watch.close();
      this.#sse.remove(id);
    });
    return response;
  }

  /** `POST /messages?sessionId=…`. */
  async postSse(request: Request, sender: Sender): Promise<Response> {
    const { owner, body, authInfo } = await this.#visit(request, sender);
    const transport = this.#sse.find(new URL(request.url).searchParams.get("sessionId") ?? "", owner);
    if (!transport) return refusal(404, "There is no such session. Open one with GET /sse.");
    try {
      transport.receive(body, { authInfo, request });
      return new Response("Accepted", { status: 202 });
    } catch {
      return refusal(400, "The body is not a JSON-RPC message.");
    }
  }

  async close(): Promise<void> {
    for (const end of [...this.#streams.values()]) end();
    await Promise.all([this.#stateless.close(), this.#sessions.closeAll(), this.#sse.closeAll()]);
  }

  /** A 2025 client that begins is given a session, in which it can be asked things; one that keeps none is served without. */
  async #legacy(visit: Visit, options: { authInfo: AuthInfo; parsedBody: unknown }): Promise<Response> {
    const { request, body, owner } = visit;
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const transport = this.#sessions.find(id, owner);
      if (!transport) return refusal(404, "Session not found: it has ended. Initialize again.");
      if (request.method === "GET") this.#sessions.hold(id, request.signal);
      return transport.handleRequest(request, options);
    }
    if (!isInitializeRequest(body)) return this.#stateless.fetch(request, options);
    const { mcp, watch } = this.#sessionful(visit);
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (started): void => this.#sessions.add(started, owner, transport, () => transport.close()),
    });
    await mcp.connect(transport);
    onClose(transport, () => {
      watch.close();
      if (transport.sessionId !== undefined) this.#sessions.remove(transport.sessionId);
    });
    return transport.handleRequest(request, options);
  }

  /** A stream of its own for each subscription: nobody hears of what another listens to. */
  async #listen(visit: Visit): Promise<Response> {
    if (this.#streams.size >= MOST_STREAMS) return refusal(503, "Too many subscriptions are open. Come back later.");
    const handler = createMcpHandler(this.#factory(), { onerror: (error) => this.#tell(error) });
    const watch = this.#watchOf(visit.session, (uri) => handler.notify.resourceUpdated(uri));
    const { request, authInfo, body } = visit;
    const end = () => {
      watch.close();
      this.#streams.delete(handler.notify);
      void handler.close();
    };
    this.#streams.set(handler.notify, end);
    request.signal.addEventListener("abort", end);
    const response = await handler.fetch(request, { authInfo, parsedBody: body });
    for (const uri of listenedUris(body) ?? []) void watch.add(uri);
    return response;
  }

  #sessionful({ session, listScope }: Visit): { mcp: McpServer; watch: ResourceWatch } {
    let made: ResourceWatch | undefined;
    const watchOn = (mcp: McpServer) => {
      made = this.#watchOf(session, (uri) => void mcp.server.sendResourceUpdated({ uri }).catch(() => {}));
      return made;
    };
    const mcp = buildMcpServer({ session, watchOn, listScope, ...this.#extension() });
    return { mcp, watch: made as unknown as ResourceWatch };
  }

  #extension() {
    return { extend: this.#parts.extend, notifiers: this.#streams.keys() };
  }

  #watchOf(session: Session, announce: (uri: string) => void): ResourceWatch {
    return new ResourceWatch({ read: (uri) => readResource(session, uri), announce, onChange: this.#parts.onChange });
  }

  #factory(): McpServerFactory {
    return ({ authInfo }) => {
      assert(authInfo, "every request has a sender");
      const { session, listScope } = authInfo.extra as unknown as Pick<Visit, "session" | "listScope">;
      return buildMcpServer({ session, listScope, ...this.#extension() });
    };
  }

  async #visit(request: Request, { operatorId, credential, requestId }: Sender): Promise<Visit> {
    const { engine, operations, onChange, stateKey } = this.#parts;
    const profile = this.#profileOf(request);
    const session = new Session({ engine, operations, onChange, stateKey, profile, credential, requestId });
    const listScope =
      request.headers.has("x-stack-tools") || request.headers.has("x-stack-readonly") ? "private" : "public";
    return {
      ...(request.method === "POST" ? await readBody(request) : { request, body: undefined }),
      session,
      owner: { operatorId, keyName: nameOf(credential) },
      authInfo: { token: "", clientId: operatorId, scopes: [], extra: { session, listScope } },
      listScope,
    };
  }

  /** What the URL or a header asks for, within what the host lets any session use. */
  #profileOf(request: Request): Profile {
    const url = new URL(request.url);
    const tools = url.searchParams.get("tools") ?? request.headers.get("x-stack-tools") ?? undefined;
    const asked = url.searchParams.get("readonly") ?? request.headers.get("x-stack-readonly") ?? "";
    const readOnly = /^(?:1|true)$/i.test(asked);
    const key = `${tools} ${readOnly}`;
    const known = this.#profiles.get(key);
    if (known) return known;
    const { operations, profile: host } = this.#parts;
    const settings = {
      ...host,
      ...(tools === undefined ? {} : { tools: namesIn(tools) }),
      readOnly: readOnly || host.readOnly === true,
    };
    const profile = profileOf(operations, settings, "INVALID_REQUEST");
    if (this.#profiles.size < LIMITS.sessions.all) this.#profiles.set(key, profile);
    return profile;
  }

  #tell(error: Error): void {
    this.#parts.log.info({ err: error }, "MCP over HTTP");
  }
}

function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

function nameOf(credential: Credential): string {
  if (credential.kind !== "key") return credential.kind;
  return createHash("sha256").update(credential.key.reveal()).digest("base64url");
}

/** Read once. What is no JSON goes on as it came: the SDK then says so. */
async function readBody(request: Request): Promise<Pick<Visit, "request" | "body">> {
  const text = await request.text();
  try {
    return { request, body: JSON.parse(text) as unknown };
  } catch {
    const { url, method, headers, signal } = request;
    return { request: new Request(url, { method, headers, signal, body: text }), body: undefined };
  }
}

/** The server has its own `onclose`; ours comes after it. */
function onClose(transport: { onclose?: (() => void) | undefined }, then: () => void): void {
  const { onclose } = transport;
  transport.onclose = () => {
    onclose?.();
    then();
  };
}

function refusal(status: number, message: string): Response {
  return Response.json(
    { jsonrpc: "2.0", error: { code: status === 404 ? -32_001 : -32_000, message }, id: null },
    { status },
  );
}
