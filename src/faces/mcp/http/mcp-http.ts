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
import type { ProfileSettings, Rights } from "../../../operations/profile.ts";
import type { Credential } from "../../../services/auth/authentication-service.ts";
import { assert } from "../../../shared/errors.ts";
import { utf8 } from "../../../shared/utf8.ts";
import { buildMcpServer, type Extension } from "../mcp-server.ts";
import { normaliseMessages } from "../messages.ts";
import { readResource } from "../resources/resources.ts";
import { type Backend, Session } from "../session.ts";
import { listenedUris } from "../subscriptions/listened-uris.ts";
import { MAX_WATCHED, ResourceSubscriptions } from "../subscriptions/resource-subscriptions.ts";
import { accepted, unwrapped } from "./accepted.ts";
import { AskedProfiles } from "./asked-profiles.ts";
import { ClientSessions, type Owner, onEnd } from "./client-sessions.ts";
import { refusal, unreadable } from "./refusals.ts";
import { RunningCalls } from "./running-calls.ts";
import { SseTransport } from "./sse-transport.ts";

export interface McpHttpParts extends Backend {
  /** The tools that the host lets any session use. */
  readonly profile: ProfileSettings;
  /** Tells whether a credential that was good still is. */
  readonly isGood: (credential: Credential) => Promise<boolean>;
  /** Aborted when the server stops: whoever waits is answered with how far it is. */
  readonly parting?: AbortSignal | undefined;
  /** False: no person is asked anything through a client. */
  readonly elicits: boolean;
  readonly extend?: Extension | undefined;
}

/** The sender of a request, as the server in front has found out. */
export interface Sender {
  readonly operatorId: string;
  readonly agentId: string | undefined;
  readonly principal: string;
  readonly credential: Credential;
  readonly rights: Rights;
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
}

/** MCP over Streamable HTTP in both eras, and over the HTTP+SSE of old clients. */
export class McpOverHttp {
  readonly #parts: McpHttpParts;
  readonly #sessions: ClientSessions<WebStandardStreamableHTTPServerTransport>;
  readonly #sse: ClientSessions<SseTransport>;
  /** Each with the handler that serves it alone. */
  readonly #streams: ClientSessions<ServerNotifier>;
  readonly #profiles: AskedProfiles;
  readonly #stateless: ReturnType<typeof createMcpHandler>;
  readonly #calls = new RunningCalls();

  constructor(parts: McpHttpParts) {
    this.#parts = parts;
    const isGood = ({ credential }: Owner) => parts.isGood(credential);
    this.#profiles = new AskedProfiles(parts.operations, parts.profile);
    this.#sessions = new ClientSessions(isGood);
    this.#sse = new ClientSessions(isGood);
    this.#streams = new ClientSessions(isGood);
    this.#stateless = createMcpHandler(this.#factory(), { onerror: (error) => this.#tell(error) });
  }

  /** `/mcp`. Throws INVALID_REQUEST for tools that there are not. */
  async fetch(request: Request, sender: Sender): Promise<Response> {
    const visit = await this.#visit(request, sender);
    if (request.method === "POST" && visit.body === undefined) return unreadable();
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
    const transport = this.#sse.find(
      new URL(request.url).searchParams.get("sessionId") ?? "",
      owner,
    );
    if (!transport) return refusal(404, "There is no such session. Open one with GET /sse.");
    try {
      transport.receive(body, { authInfo, request });
      return new Response("Accepted", { status: 202 });
    } catch {
      return refusal(400, "The body is not a JSON-RPC message.");
    }
  }

  /**
   * Resolves when every call that was being answered has its answer and a moment to send it, or
   * after `ms`.
   */
  async settle(ms: number): Promise<void> {
    await this.#calls.settle(ms);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#stateless.close(),
      ...[this.#sessions, this.#sse, this.#streams].map((all) => all.closeAll()),
    ]);
  }

  /**
   * A 2025 client that begins is given a session, in which it can be asked things; one that keeps
   * none is served without.
   */
  async #legacy(
    visit: Visit,
    options: { authInfo: AuthInfo; parsedBody: unknown },
  ): Promise<Response> {
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
    const transport: WebStandardStreamableHTTPServerTransport =
      new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (started): void =>
          this.#sessions.add(started, owner, transport, () => transport.close()),
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
    if (uris.length > MAX_WATCHED)
      return refusal(400, `A subscription names at most ${MAX_WATCHED} resources.`);
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

  #sessionful({ session }: Visit): { mcp: McpServer; watch: ResourceSubscriptions } {
    let made: ResourceSubscriptions | undefined;
    const watchOn = (mcp: McpServer) => {
      made = this.#watchOf(
        session,
        (uri) => void mcp.server.sendResourceUpdated({ uri }).catch(() => {}),
      );
      return made;
    };
    const mcp = buildMcpServer({ session, watchOn, ...this.#extension() });
    return { mcp, watch: made as unknown as ResourceSubscriptions };
  }

  #extension() {
    return { extend: this.#parts.extend, notifiers: () => this.#streams.all() };
  }

  #watchOf(session: Session, announce: (uri: string) => void): ResourceSubscriptions {
    return new ResourceSubscriptions({
      read: (uri) => readResource(session, uri),
      announce,
      onChange: this.#parts.onChange,
    });
  }

  #factory(): McpServerFactory {
    return ({ authInfo }) => {
      assert(authInfo, "every request has a sender");
      const visit = authInfo.extra as unknown as Pick<Visit, "session"> & { revision?: string };
      return buildMcpServer({ ...visit, ...this.#extension() });
    };
  }

  async #visit(given: Request, sender: Sender): Promise<Visit> {
    const { operatorId, credential, requestId, rights } = sender;
    const { engine, operations, onChange, stateKey, log, parting } = this.#parts;
    const { request, jsonOnly } = accepted(given);
    const url = new URL(request.url);
    const profile = this.#profiles.of(request, rights);
    const session = new Session({
      engine: this.#calls.counted(engine),
      operations,
      onChange,
      stateKey,
      log,
      profile,
      credential,
      requestId,
      parting,
      // Whoever takes no stream has none on which it could be asked.
      elicits: this.#parts.elicits && !jsonOnly && url.searchParams.get("elicitation") !== "0",
    });
    const revision = request.headers.get("mcp-protocol-version") ?? undefined;
    return {
      request,
      jsonOnly,
      body: request.method === "POST" ? await bodyOf(given) : undefined,
      session,
      owner: { operatorId, agentId: sender.agentId, credential, principal: sender.principal },
      authInfo: { token: "", clientId: operatorId, scopes: [], extra: { session, revision } },
    };
  }

  #tell(error: Error): void {
    this.#parts.log.info({ err: error }, "MCP over HTTP");
  }
}

/** One after the other: a subscription is not worth more than a call. */
async function watchAll(watch: ResourceSubscriptions, uris: readonly string[]): Promise<void> {
  for (const uri of uris) await watch.add(uri).catch(() => false);
}

/** The body, read once; undefined for what is no JSON, or no UTF-8. */
async function bodyOf(request: Request): Promise<unknown> {
  try {
    return normaliseMessages(JSON.parse(utf8(new Uint8Array(await request.arrayBuffer()))));
  } catch {
    return undefined;
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
