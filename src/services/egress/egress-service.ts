import type { Connection } from "../../../storage/repositories/connections.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Reader, Store } from "../../../storage/store.ts";
import type { OwnedCredential } from "../../domain/connection.ts";
import { hostIsAmong, isLocalHost } from "../../domain/hosts.ts";
import type { SellerBounds } from "../../domain/metering.ts";
import { redactorOf, withCredential } from "../../egress/credential.ts";
import type { Egress, EgressPolicy } from "../../egress/egress.ts";
import { EgressError } from "../../egress/egress-error.ts";
import type { EgressResponse } from "../../egress/http-exchange.ts";
import type { Redactor } from "../../egress/redact.ts";
import { type FetchRequest, parseFetch } from "../../egress/request.ts";
import { LlmError } from "../../llm/llm-call.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { FetchAnswer, FetchHandler } from "../../sandbox/outcome.ts";
import { DomainError } from "../../shared/errors.ts";
import type { Json, JsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/logger.ts";
import { Secret } from "../../shared/secret.ts";

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
  readonly status?: number;
  readonly responseBytes?: number;
  readonly errorCode?: string;
}

/** The operators' side of the way out: whose credential goes where, what it costs, and what is recorded of it. */
export class EgressService {
  readonly #parts: EgressParts;

  constructor(parts: EgressParts) {
    this.#parts = parts;
  }

  open(run: EgressRun): RunEgress {
    return new RunEgress(this.#parts, run);
  }

  /**
   * What keeps the credentials of a skill from being used: the first one that its owner has not connected, as a refusal of
   * SERVICE_NOT_CONNECTED.
   */
  async findMissing(
    run: Pick<EgressRun, "buyerId" | "publisherId" | "credentials">,
    modelProviders: readonly string[],
  ): Promise<DomainError | undefined> {
    return this.#parts.store.read(async (r) => {
      for (const needed of run.credentials) {
        const isModel = modelProviders.includes(needed.provider);
        const problem = await this.#problemOf(r, needed, ownerOf(run, needed), isModel);
        if (problem) return problem;
      }
      return undefined;
    });
  }

  async #problemOf(
    r: Reader,
    needed: OwnedCredential,
    ownerId: string,
    isModel: boolean,
  ): Promise<DomainError | undefined> {
    const { provider, provided_by } = needed;
    const details = { provider, provided_by };
    const connection = await r.connections.findByProvider(ownerId, provider);
    if (connection) {
      const problem = isModel ? modelKeyProblem(connection, this.#parts.llm.baseUrlOf(provider)) : undefined;
      return problem ? new DomainError("SERVICE_NOT_CONNECTED", `${provider}: ${problem}`, details) : undefined;
    }
    const message =
      provided_by === "buyer"
        ? `The skill calls ${provider} with your credential, and you have not connected it. stack_connect_custom_service does.`
        : `The skill calls ${provider} with its publisher's credential, and its publisher has not connected it.`;
    return new DomainError("SERVICE_NOT_CONNECTED", message, details);
  }
}

/** The way out of one run. It counts what was called with the publisher's credentials. */
export class RunEgress {
  readonly #parts: EgressParts;
  readonly #run: EgressRun;
  #sellerCalls = 0;
  #sellerCents = 0;
  #pendingCents = 0;

  constructor(parts: EgressParts, run: EgressRun) {
    this.#parts = parts;
    this.#run = run;
  }

  /** Cost of the calls that the publisher's services answered, without the 15 %. */
  get sellerCents(): number {
    return this.#sellerCents;
  }

  /** A guest's `proxy_fetch`. A refusal is an answer too. */
  readonly fetch: FetchHandler = async (call, signal) => {
    try {
      const request = parseFetch(call);
      return { ok: true, response: await this.#send(request, signal) };
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
    if (!this.hasKeyFor(provider)) return { answer: await call(undefined), ownKey: false };
    try {
      const credential = await this.#open(provider);
      const baseUrl = this.#parts.llm.baseUrlOf(provider);
      const problem = modelKeyProblem(credential.connection, baseUrl);
      if (problem !== undefined || !baseUrl) throw new LlmError(`The provider's key: ${problem}`);
      const shape = { host: baseUrl.hostname, method: "POST", requestBytes: 0 };
      const answer = await this.#metered(credential, shape, async () => {
        const { text, ...rest } = await call(credential.secret);
        return { ...rest, text: credential.redactor.text(text) } as T;
      });
      return { answer, ownKey: true };
    } catch (error) {
      if (error instanceof EgressError) throw new LlmError(error.message);
      throw error;
    }
  }

  async #send(request: FetchRequest, signal: AbortSignal): Promise<Json> {
    const { egress } = this.#parts;
    const { url, method, body, service } = request;
    const shape = { host: url.hostname, method, requestBytes: body?.length ?? 0 };
    if (service === undefined) {
      const policy = { hosts: this.#run.hosts, secureOnly: false };
      return shown(await this.#recorded(undefined, shape, () => egress.send(request, policy, signal)));
    }
    const credential = await this.#open(service);
    const { connection, secret, redactor } = credential;
    const policy: EgressPolicy = {
      hosts: connection.hosts,
      secureOnly: true,
      authorise: (hop) => withCredential(hop, connection.auth, secret.reveal()),
    };
    return this.#metered(credential, shape, async () =>
      shown(withoutSecret(await egress.send(request, policy, signal), redactor)),
    );
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
        `proxy_fetch: the skill's required_credentials do not name the service it asks for.`,
      );
    }
    const ownerId = ownerOf(this.#run, needed);
    return this.#parts.store.read(async (r) => {
      const connection = await r.connections.findByProvider(ownerId, provider);
      if (!connection) throw new EgressError("SERVICE_NOT_CONNECTED", `proxy_fetch: ${provider} is not connected.`);
      const secret = new Secret(await r.sealed.open(sealedOwner.connection(connection.id)));
      return { needed, ownerId, connection, secret, redactor: redactorOf(connection.auth, secret.reveal()) };
    });
  }

  /** Within the bounds, and charged when it is answered: what is in flight counts, so that many at once pass none. */
  async #metered<T>(credential: OpenCredential, shape: CallShape, call: () => Promise<T>): Promise<T> {
    const { needed } = credential;
    if (needed.provided_by === "buyer") return this.#recorded(credential, shape, call);
    const { maxCalls, maxCostCents } = this.#run.bounds;
    const cost = needed.cost_cents_per_call ?? 0;
    const tooMany = this.#sellerCalls >= maxCalls;
    if (tooMany || this.#sellerCents + this.#pendingCents + cost > maxCostCents) {
      const bound = tooMany ? `${maxCalls} calls` : `${maxCostCents} cents`;
      throw new EgressError("SERVICE_LIMIT", `proxy_fetch: one run has ${bound} with the publisher's credentials.`);
    }
    this.#sellerCalls++;
    this.#pendingCents += cost;
    try {
      const answer = await this.#recorded(credential, shape, call);
      this.#sellerCents += cost;
      return answer;
    } finally {
      this.#pendingCents -= cost;
    }
  }

  /** Nobody is given an answer that is not in the audit log. */
  async #recorded<T>(credential: OpenCredential | undefined, shape: CallShape, call: () => Promise<T>): Promise<T> {
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
      request_bytes: call.requestBytes,
      ...(call.status === undefined ? {} : { status: call.status }),
      ...(call.responseBytes === undefined ? {} : { response_bytes: call.responseBytes }),
    };
    const refused = call.errorCode !== undefined;
    const outcome = refused ? (WAS_BLOCKED.includes(call.errorCode) ? "blocked" : "failure") : "success";
    const row = { outcome, errorCode: call.errorCode } as const;
    await store.transact(async (t) => {
      if (credential) {
        const { ownerId, connection, needed } = credential;
        const { provider, provided_by } = needed;
        const used = { ...details, provider, provided_by, connection_id: connection.id };
        await t.audit.append({
          ...row,
          operatorId: ownerId,
          layer: "vault",
          action: "credential.proxy",
          details: used,
        });
        if (ownerId === buyerId) return;
      }
      await t.audit.append({ ...row, operatorId: buyerId, layer: "proxy", action: "skill.fetch", details });
    });
  }

  #refusal(error: unknown): FetchAnswer {
    if (error instanceof EgressError) return { ok: false, code: error.code, message: error.message };
    this.#parts.log.error({ err: error }, "a request of a guest could not be made");
    return { ok: false, code: "UNREACHABLE", message: "proxy_fetch: the server could not make the request." };
  }
}

const WAS_BLOCKED: readonly (string | undefined)[] = [
  "HOST_NOT_DECLARED",
  "ADDRESS_FORBIDDEN",
  "SERVICE_NOT_DECLARED",
  "SERVICE_LIMIT",
];

function ownerOf({ buyerId, publisherId }: Pick<EgressRun, "buyerId" | "publisherId">, needed: OwnedCredential) {
  return needed.provided_by === "buyer" ? buyerId : publisherId;
}

/** A model provider's key is a bearer token for the address that the host configured, and goes to no other. */
function modelKeyProblem({ auth, hosts }: Connection, baseUrl: URL | undefined): string | undefined {
  if (!baseUrl) return undefined;
  if (auth.type !== "bearer") return "a model provider takes its key as bearer, and it is connected otherwise.";
  if (!hostIsAmong(hosts, baseUrl.hostname)) return `${baseUrl.hostname} is not among the hosts of its connection.`;
  if (baseUrl.protocol !== "https:" && !isLocalHost(baseUrl.hostname)) return "a key goes over https alone.";
  return undefined;
}

function withoutSecret({ status, headers, body }: EgressResponse, redactor: Redactor): EgressResponse {
  const clean = Object.entries(headers).map(([name, value]) => [redactor.text(name), redactor.text(value)]);
  return { status, headers: Object.fromEntries(clean) as Record<string, string>, body: redactor.bytes(body) };
}

/** What a guest gets: text where the body is text, else base64 and a word that it is. */
function shown({ status, headers, body }: EgressResponse): Json {
  const text = body.toString("utf8");
  if (Buffer.from(text).equals(body)) return { status, headers, body: text };
  return { status, headers, body: body.toString("base64"), encoding: "base64" };
}

function sizeOf(answer: unknown): Pick<CallShape, "status" | "responseBytes"> {
  const { status, body } = answer as { status?: unknown; body?: unknown };
  return {
    ...(typeof status === "number" ? { status } : {}),
    ...(typeof body === "string" || Buffer.isBuffer(body) ? { responseBytes: Buffer.byteLength(body) } : {}),
  };
}
