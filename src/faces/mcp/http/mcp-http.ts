import { randomUUID } from "node:crypto";
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
import { systemClock } from "../../../shared/clock.ts";
import { assert } from "../../../shared/errors.ts";
import { utf8 } from "../../../shared/utf8.ts";
import { listenedUris } from "../listened-uris.ts";
import { buildMcpServer, type Extension } from "../mcp-server.ts";
import { readResource } from "../resources.ts";
import { type Backend, Session } from "../session.ts";
import { asSpoken } from "../spoken.ts";
import { MOST_WATCHED, ResourceWatch } from "../watch.ts";
import { accepted, unwrapped } from "./accepted.ts";
import { ClientSessions, type Owner, onEnd } from "./client-sessions.ts";
import { SseTransport } from "./sse-transport.ts";

export interface McpHttpParts extends Backend {
  /** What the host lets any session use. */
  readonly profile: ProfileSettings;
  /** Whether a credential that was good still is. */
  readonly isGood: (credential: Credential) => Promise<boolean>;
  /** Aborted when the server stops: whoever waits is answered with how far it is. */
  readonly parting?: AbortSignal | undefined;
  /** False: no person is asked anything through a client. */
  readonly elicits: boolean;
  readonly extend?: Extension | undefined;
}

/** Who sent a request, as the server in front has found out. */
export interface Sender {
  readonly operatorId: string;
  readonly agentId: string | undefined;
  readonly principal: string;
  readonly credential: Credential;
  readonly requestId: string;
  /** Counts the further messages of a batch. */
  readonly countMore: (messages: number) => Promise<void>;
}

interface Visit {
  readonly request: Request;
  readonly jsonOnly: boolean;
  readonly body: unknown;
  readonly session: Session;
  readonly owner: Owner;
  readonly authInfo: AuthInfo;
  readonly listScope: "public" | "private";
}

const SETTLE_MS = 20;
const MOST_PROFILES = 200;

/** MCP over Streamable HTTP in both eras, and over the HTTP+SSE of old clients. */
export class McpOverHttp {
  readonly #parts: McpHttpParts;
  readonly #sessions: ClientSessions<WebStandardStreamableHTTPServerTransport>;
  readonly #sse: ClientSessions<SseTransport>;
  /** Each with the handler that serves it alone. */
  readonly #streams: ClientSessions<ServerNotifier>;
  readonly #profiles = new Map<string, Profile>();
  readonly #stateless: ReturnType<typeof createMcpHandler>;
  #calls = 0;

  constructor(parts: McpHttpParts) {
    this.#parts = parts;
    const isGood = ({ credential }: Owner) => parts.isGood(credential);
    this.#sessions = new ClientSessions(isGood);
    this.#sse = new ClientSessions(isGood);
    this.#streams = new ClientSessions(isGood);
    this.#stateless = createMcpHandler(this.#factory(), { onerror: (error) => this.#tell(error) });
  }

  /** `/mcp`. Throws INVALID_REQUEST for tools that there are not. */
  async fetch(request: Request, sender: Sender): Promise<Response> {
    const visit = await this.#visit(request, sender);
    if (visit.jsonOnly && listenedUris(visit.body) !== undefined) {
      return refusal(406, "A subscription is answered by a stream: accept text/event-stream.");
    }
    const response = await this.#answer(visit, sender);
    return visit.jsonOnly ? unwrapped(response) : response;
  }

  async #answer(visit: Visit, sender: Sender): Promise<Response> {
    const { body, authInfo } = visit;
    if (Array.isArray(body) && body.length > 1) await sender.countMore(body.length - 1);
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
    request.signal.addEventListener("abort", () => void transport.close());
    const response = this.#sse.hold(id, transport.response());
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

  /** Resolves when every call that was being answered has its answer and a moment to send it, or after `ms`. */
  async settle(ms: number): Promise<void> {
    const deadline = systemClock.elapsed() + ms;
    do await systemClock.sleep(SETTLE_MS);
    while (this.#calls > 0 && systemClock.elapsed() < deadline);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#stateless.close(),
      ...[this.#sessions, this.#sse, this.#streams].map((all) => all.closeAll()),
    ]);
  }

  /** A 2025 client that begins is given a session, in which it can be asked things; one that keeps none is served without. */
  async #legacy(visit: Visit, options: { authInfo: AuthInfo; parsedBody: unknown }): Promise<Response> {
    const { request, body, owner } = visit;
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const transport = this.#sessions.find(id, owner);
      if (!transport) return refusal(404, "Session not found: it has ended. Initialize again.");
      const response = await transport.handleRequest(request, options);
      return request.method === "GET" ? this.#sessions.hold(id, response) : response;
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
  async #listen({ request, authInfo, body, owner, session }: Visit): Promise<Response> {
    const uris = [...new Set(listenedUris(body))];
    if (uris.length > MOST_WATCHED) return refusal(400, `A subscription names at most ${MOST_WATCHED} resources.`);
    const handler = createMcpHandler(this.#factory(), { onerror: (error) => this.#tell(error) });
    const watch = this.#watchOf(session, (uri) => handler.notify.resourceUpdated(uri));
    const id = randomUUID();
    this.#streams.add(id, owner, handler.notify, async () => {
      watch.close();
      await handler.close();
    });
    const response = await handler.fetch(request, { authInfo, parsedBody: body });
    void watchAll(watch, uris);
    return onEnd(this.#streams.hold(id, response), () => {
      watch.close();
      this.#streams.remove(id);
    });
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
    return { extend: this.#parts.extend, notifiers: () => this.#streams.all() };
  }

  #watchOf(session: Session, announce: (uri: string) => void): ResourceWatch {
    return new ResourceWatch({ read: (uri) => readResource(session, uri), announce, onChange: this.#parts.onChange });
  }

  #factory(): McpServerFactory {
    return ({ authInfo }) => {
      assert(authInfo, "every request has a sender");
      const said = authInfo.extra as unknown as Pick<Visit, "session" | "listScope"> & { revision?: string };
      return buildMcpServer({ ...said, ...this.#extension() });
    };
  }

  async #visit(request: Request, sender: Sender): Promise<Visit> {
    const { operatorId, credential, requestId } = sender;
    const { engine, operations, onChange, stateKey, log } = this.#parts;
    const profile = this.#profileOf(request);
    const session = new Session({
      engine: this.#counted(engine),
      operations,
      onChange,
      stateKey,
      log,
      profile,
      credential,
      requestId,
      parting: this.#parts.parting,
      elicits: this.#parts.elicits && !isAskedNothing(request),
    });
    const listScope =
      request.headers.has("x-stack-tools") || request.headers.has("x-stack-readonly") ? "private" : "public";
    return {
      ...(request.method === "POST" ? await readBody(request) : { request, body: undefined, jsonOnly: false }),
      session,
      owner: { operatorId, agentId: sender.agentId, credential, principal: sender.principal },
      authInfo: {
        token: "",
        clientId: operatorId,
        scopes: [],
        extra: { session, listScope, revision: request.headers.get("mcp-protocol-version") ?? undefined },
      },
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
    const [oldest = ""] = this.#profiles.keys();
    if (this.#profiles.size >= MOST_PROFILES) this.#profiles.delete(oldest);
    this.#profiles.set(key, profile);
    return profile;
  }

  /** Calls that are being answered are counted, so that a stopping server lets them end. */
  #counted(engine: Backend["engine"]): Backend["engine"] {
    return async () => {
      const inner = await engine();
      return {
        run: async (call) => {
          this.#calls++;
          try {
            return await inner.run(call);
          } finally {
            this.#calls--;
          }
        },
      };
    };
  }

  #tell(error: Error): void {
    this.#parts.log.info({ err: error }, "MCP over HTTP");
  }
}

/** One after the other: a subscription is not worth more than a call. */
async function watchAll(watch: ResourceWatch, uris: readonly string[]): Promise<void> {
  for (const uri of uris) await watch.add(uri).catch(() => false);
}

function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

/** Read once. What is no JSON goes on as it came: the SDK then says so. */
async function readBody(given: Request): Promise<Pick<Visit, "request" | "body" | "jsonOnly">> {
  const bytes = new Uint8Array(await given.arrayBuffer());
  const { request, jsonOnly } = accepted(given);
  try {
    return { request, jsonOnly, body: asSpoken(JSON.parse(utf8(bytes))) };
  } catch {
    // Broken characters and broken JSON are the same parse error.
    const { url, method, headers, signal } = request;
    return { request: new Request(url, { method, headers, signal, body: "not JSON" }), jsonOnly, body: undefined };
  }
}

/** A client that says so, and one that takes no stream, on which it could be asked. */
function isAskedNothing(request: Request): boolean {
  return new URL(request.url).searchParams.get("elicitation") === "0" || accepted(request).jsonOnly;
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
