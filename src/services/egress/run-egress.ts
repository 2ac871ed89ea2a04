import type { Connection } from "../../../storage/repositories/connections.ts";
import type { Store } from "../../../storage/store.ts";
import type { OwnedCredential } from "../../domain/identity/connection.ts";
import { hostIsAmong, isLocalHost } from "../../domain/runs/hosts.ts";
import type { SellerBounds } from "../../domain/runs/metering.ts";
import { redactorOf, withCredential } from "../../egress/credential.ts";
import type { Egress } from "../../egress/egress.ts";
import { EgressError } from "../../egress/egress-error.ts";
import type { Redactor } from "../../egress/redact.ts";
import { type EgressRequest, type FetchRequest, parseFetch } from "../../egress/request.ts";
import { LlmError } from "../../llm/llm-call.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { FetchAnswer, FetchHandler } from "../../sandbox/outcome.ts";
import type { Json, JsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/logger.ts";
import { Secret } from "../../shared/secret.ts";
import { guestAnswer, withoutSecret } from "./guest-answer.ts";

export interface EgressParts {
  readonly store: Store;
  readonly egress: Egress;
  readonly llm: LlmProviders;
  readonly log: Logger;
}

/** On whose behalf a run reaches out, and how far. */
export interface EgressRun {
  readonly buyerId: string;
  readonly publisherId: string;
  readonly hosts: readonly string[];
  readonly credentials: readonly OwnedCredential[];
  readonly bounds: SellerBounds;
  /** What its audit rows name: the invocation and its skill. */
  readonly about: JsonObject;
}

/** A credential at the moment of its use. */
interface OpenCredential {
  readonly needed: OwnedCredential;
  readonly ownerId: string;
  readonly connection: Connection;
  readonly secret: Secret<string>;
  readonly redactor: Redactor;
}

/** One call as the audit log tells of it: by shape, never by value. */
interface CallShape {
  readonly host: string;
  readonly method: string;
  readonly requestBytes: number;
  /** Where redirects led. */
  readonly redirects: string[];
  readonly status?: number;
  readonly responseBytes?: number;
  readonly errorCode?: string;
}

/** The way out of one run. It counts what was called with the publisher's credentials. */
export class RunEgress {
  readonly #parts: EgressParts;
  readonly #run: EgressRun;
  #sellerCalls = 0;
  #sellerCents = 0;
  #pendingCents = 0;
  #hasCalledOut = false;

  constructor(parts: EgressParts, run: EgressRun) {
    this.#parts = parts;
    this.#run = run;
  }

  /** True once anything of this run may have left the machine. */
  get hasCalledOut(): boolean {
    return this.#hasCalledOut;
  }

  /** Cost of the calls that the publisher's services answered, without the 15 %. */
  get sellerCents(): number {
    return this.#sellerCents;
  }

  /** A guest's `proxy_fetch`. A refusal is an answer too. */
  readonly fetch: FetchHandler = async (call, signal) => {
    try {
      return { ok: true, response: await this.#send(parseFetch(call), signal) };
    } catch (error) {
      return this.#refusal(error);
    }
  };

  /**
   * Calls a model with the key that the skill's credential mode names for its provider, or with the server's own when it
   * names none. Throws LlmError.
   */
  async model<T extends { readonly text: string }>(
    provider: string,
    call: (key: Secret<string> | undefined) => Promise<T>,
  ): Promise<{ answer: T; ownKey: boolean }> {
    this.#hasCalledOut = true;
    if (!this.hasKeyFor(provider)) return { answer: await call(undefined), ownKey: false };
    try {
      const credential = await this.#open(provider);
      const baseUrl = this.#parts.llm.baseUrlOf(provider);
      const problem = modelKeyProblem(credential.connection, baseUrl);
      if (problem !== undefined || !baseUrl) throw new LlmError(`The provider's key: ${problem}`);
      const shape: CallShape = {
        host: baseUrl.hostname,
        method: "POST",
        requestBytes: 0,
        redirects: [],
      };
      const answer = await this.#recorded(credential, shape, () =>
        this.#metered(credential, async (take) => {
          take();
          const { text, ...rest } = await call(credential.secret);
          return { ...rest, text: credential.redactor.text(text) } as T;
        }),
      );
      return { answer, ownKey: true };
    } catch (error) {
      if (error instanceof EgressError) throw new LlmError(error.message);
      throw error;
    }
  }

  async #send(request: FetchRequest, signal: AbortSignal): Promise<Json> {
    this.#hasCalledOut = true;
    const { egress } = this.#parts;
    const { url, method, body, service } = request;
    const hops: string[] = [];
    const shape: CallShape = {
      host: url.hostname,
      method,
      requestBytes: body?.length ?? 0,
      redirects: hops,
    };
    const onHop = (hostname: string) =>
      void (hops.length === 0 && hostname === url.hostname ? 0 : hops.push(hostname));
    if (service === undefined) {
      const policy = { hosts: this.#run.hosts, secureOnly: false, onHop };
      return guestAnswer(
        await this.#recorded(undefined, shape, () => egress.send(request, policy, signal)),
      );
    }
    const credential = await this.#open(service).catch((error: unknown) =>
      this.#notAllowed(shape, error),
    );
    const { connection, secret, redactor } = credential;
    const send = (take: () => void) => {
      const authorise = (hop: EgressRequest) => {
        take();
        return withCredential(hop, connection.auth, secret.reveal());
      };
      requireWhole(request);
      return egress.send(
        request,
        { hosts: connection.hosts, secureOnly: true, authorise, onHop },
        signal,
      );
    };
    const answer = await this.#recorded(credential, shape, () => this.#metered(credential, send));
    return guestAnswer(withoutSecret(answer, redactor));
  }

  /** Whether a provider is called with a key of buyer or seller. */
  hasKeyFor(provider: string): boolean {
    return this.#needs(provider) !== undefined;
  }

  #needs(provider: string): OwnedCredential | undefined {
    return this.#run.credentials.find((credential) => credential.provider === provider);
  }

  async #open(provider: string): Promise<OpenCredential> {
    const needed = this.#needs(provider);
    if (!needed) {
      throw new EgressError(
        "SERVICE_NOT_DECLARED",
        "proxy_fetch: the skill's required_credentials do not name the service it asks for.",
      );
    }
    const ownerId = ownerOf(this.#run, needed);
    const opened = await this.#parts.store.read((r) => r.connections.open(ownerId, provider));
    if (!opened)
      throw new EgressError("SERVICE_NOT_CONNECTED", `proxy_fetch: ${provider} is not connected.`);
    const { connection, secret } = opened;
    return {
      needed,
      ownerId,
      connection,
      secret: new Secret(secret),
      redactor: redactorOf(connection.auth, secret),
    };
  }

  /**
   * Within the bounds, and charged for what was answered. `take` is called before each request that carries the
   * credential, redirects among them; what is in flight counts, so that many at once pass no bound.
   */
  async #metered<T>(
    { needed }: OpenCredential,
    call: (take: () => void) => Promise<T>,
  ): Promise<T> {
    if (needed.provided_by === "buyer") return call(() => {});
    const cost = needed.cost_cents_per_call ?? 0;
    let taken = 0;
    let answered = 0;
    const take = () => {
      this.#takeCall(cost);
      answered = taken++;
    };
    try {
      const answer = await call(take);
      answered = taken;
      return answer;
    } finally {
      this.#pendingCents -= cost * taken;
      this.#sellerCents += cost * answered;
    }
  }

  #takeCall(cost: number): void {
    const { maxCalls, maxCostCents } = this.#run.bounds;
    const tooMany = this.#sellerCalls >= maxCalls;
    if (tooMany || this.#sellerCents + this.#pendingCents + cost > maxCostCents) {
      const bound = tooMany ? `${maxCalls} calls` : `${maxCostCents} cents`;
      throw new EgressError(
        "SERVICE_LIMIT",
        `proxy_fetch: one run has ${bound} with the publisher's credentials.`,
      );
    }
    this.#sellerCalls++;
    this.#pendingCents += cost;
  }

  async #notAllowed(shape: CallShape, error: unknown): Promise<never> {
    if (error instanceof EgressError)
      await this.#audit(undefined, { ...shape, errorCode: error.code });
    throw error;
  }

  /** Nobody is given an answer that is not in the audit log. */
  async #recorded<T>(
    credential: OpenCredential | undefined,
    shape: CallShape,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      const answer = await call();
      await this.#audit(credential, { ...shape, ...sizeOf(answer) });
      return answer;
    } catch (error) {
      const errorCode = error instanceof EgressError ? error.code : "FAILED";
      await this.#audit(credential, { ...shape, errorCode });
      throw error;
    }
  }

  /** The buyer sees where its data went, whoever owns a credential what it was used for. */
  async #audit(credential: OpenCredential | undefined, call: CallShape): Promise<void> {
    const { store } = this.#parts;
    const { buyerId, about } = this.#run;
    const details = {
      ...about,
      host: call.host,
      method: call.method,
      ...(call.redirects.length === 0 ? {} : { redirects: call.redirects }),
      request_bytes: call.requestBytes,
      ...(call.status === undefined ? {} : { status: call.status }),
      ...(call.responseBytes === undefined ? {} : { response_bytes: call.responseBytes }),
    };
    const refused = call.errorCode !== undefined;
    const outcome = refused
      ? WAS_BLOCKED.includes(call.errorCode)
        ? "blocked"
        : "failure"
      : "success";
    const row = { outcome, errorCode: call.errorCode } as const;
    await store.transact([buyerId, credential?.ownerId ?? buyerId], async (t) => {
      if (credential) {
        const { ownerId, connection, needed } = credential;
        const { provider, provided_by } = needed;
        const used = { ...details, provider, provided_by, connection_id: connection.id };
        await t.audit.append({
          ...row,
          operatorId: ownerId,
          action: "credential.proxy",
          details: used,
        });
        if (ownerId === buyerId) return;
      }
      await t.audit.append({ ...row, operatorId: buyerId, action: "skill.fetch", details });
    });
  }

  #refusal(error: unknown): FetchAnswer {
    if (error instanceof EgressError)
      return { ok: false, code: error.code, message: error.message };
    this.#parts.log.error({ err: error }, "a request of a guest could not be made");
    return {
      ok: false,
      code: "UNREACHABLE",
      message: "proxy_fetch: the server could not make the request.",
    };
  }
}

const WAS_BLOCKED: readonly (string | undefined)[] = [
  "HOST_NOT_DECLARED",
  "ADDRESS_FORBIDDEN",
  "SERVICE_NOT_DECLARED",
  "SERVICE_NOT_CONNECTED",
  "SERVICE_LIMIT",
];

/** Piece by piece, a secret that is echoed could not be told from anything else. */
function requireWhole({ headers }: FetchRequest): void {
  if (!headers.has("range") && !headers.has("if-range")) return;
  throw new EgressError(
    "INVALID_REQUEST",
    "proxy_fetch: with a service, the whole answer has to be asked for: no range.",
  );
}

export function ownerOf(
  { buyerId, publisherId }: Pick<EgressRun, "buyerId" | "publisherId">,
  needed: OwnedCredential,
) {
  return needed.provided_by === "buyer" ? buyerId : publisherId;
}

/** A model provider's key is a bearer token for the address that the host configured, and goes to no other. */
export function modelKeyProblem(
  { auth, hosts }: Connection,
  baseUrl: URL | undefined,
): string | undefined {
  if (!baseUrl) return undefined;
  if (auth.type !== "bearer")
    return "a model provider takes its key as bearer, and it is connected otherwise.";
  if (!hostIsAmong(hosts, baseUrl.hostname))
    return `${baseUrl.hostname} is not among the hosts of its connection.`;
  if (baseUrl.protocol !== "https:" && !isLocalHost(baseUrl.hostname))
    return "a key goes over https alone.";
  return undefined;
}

function sizeOf(answer: unknown): Pick<CallShape, "status" | "responseBytes"> {
  const { status, body } = answer as { status?: unknown; body?: unknown };
  return {
    ...(typeof status === "number" ? { status } : {}),
    ...(typeof body === "string" || Buffer.isBuffer(body)
      ? { responseBytes: Buffer.byteLength(body) }
      : {}),
  };
}
