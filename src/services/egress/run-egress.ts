import type { Store } from "../../../storage/store.ts";
import type { OwnedCredential } from "../../domain/identity/connection.ts";
import { redactorOf, withCredential } from "../../egress/credential.ts";
import type { Egress } from "../../egress/egress.ts";
import { EgressError } from "../../egress/egress-error.ts";
import { type EgressRequest, type FetchRequest, parseFetch } from "../../egress/request.ts";
import { LlmError } from "../../llm/llm-call.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { FetchAnswer, FetchHandler } from "../../sandbox/outcome.ts";
import type { Json } from "../../shared/json.ts";
import type { Logger } from "../../shared/logger.ts";
import { Secret } from "../../shared/secret.ts";
import type { CallShape, OpenCredential } from "./audit-call.ts";
import { auditCall, sizeOf } from "./audit-call.ts";
import { modelKeyProblem, ownerOf } from "./credential-owner.ts";
import type { EgressRun } from "./egress-terms.ts";
import { guestAnswer, withoutSecret } from "./guest-answer.ts";
import { SellerMeter } from "./seller-meter.ts";

export interface EgressParts {
  readonly store: Store;
  readonly egress: Egress;
  readonly llm: LlmProviders;
  readonly log: Logger;
}

/** Egress of one run. It counts the calls with the publisher's credentials. */
export class RunEgress {
  readonly #parts: EgressParts;
  readonly #run: EgressRun;
  readonly #meter: SellerMeter;
  #hasCalledOut = false;

  constructor(parts: EgressParts, run: EgressRun) {
    this.#parts = parts;
    this.#run = run;
    this.#meter = new SellerMeter(run.bounds);
  }

  /** True once anything of this run may have left the machine. */
  get hasCalledOut(): boolean {
    return this.#hasCalledOut;
  }

  /** Cost of the calls that the publisher's services answered, without the 15 %. */
  get sellerCents(): number {
    return this.#meter.cents;
  }

  /** Answers a guest's `proxy_fetch`. A refusal is an answer too. */
  readonly fetch: FetchHandler = async (call, signal) => {
    try {
      return { ok: true, response: await this.#send(parseFetch(call), signal) };
    } catch (error) {
      return this.#refusal(error);
    }
  };

  /**
   * Calls a model with the key that the skill's credential mode names for its provider, or with the
   * server's own when it names none. Throws LlmError.
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
        this.#meter.charge(credential.needed, async (countCall) => {
          countCall();
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
    const answer = await this.#recorded(credential, shape, () =>
      this.#meter.charge(credential.needed, send),
    );
    return guestAnswer(withoutSecret(answer, redactor));
  }

  /** Tells whether a provider is called with a key of buyer or seller. */
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

  async #notAllowed(shape: CallShape, error: unknown): Promise<never> {
    if (error instanceof EgressError)
      await auditCall(this.#parts.store, this.#run, undefined, { ...shape, errorCode: error.code });
    throw error;
  }

  /** Sends a request; an answer is returned only after its row is in the audit log. */
  async #recorded<T>(
    credential: OpenCredential | undefined,
    shape: CallShape,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      const answer = await call();
      await auditCall(this.#parts.store, this.#run, credential, { ...shape, ...sizeOf(answer) });
      return answer;
    } catch (error) {
      const errorCode = error instanceof EgressError ? error.code : "FAILED";
      await auditCall(this.#parts.store, this.#run, credential, { ...shape, errorCode });
      throw error;
    }
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

/** Throws for a range request: an echoed secret could not be recognised in a part of an answer. */
function requireWhole({ headers }: FetchRequest): void {
  if (!headers.has("range") && !headers.has("if-range")) return;
  throw new EgressError(
    "INVALID_REQUEST",
    "proxy_fetch: a call with a service asks for the whole answer: send no range header.",
  );
}
