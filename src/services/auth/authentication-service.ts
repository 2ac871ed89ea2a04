import { hash } from "node:crypto";
import type { ApiKey, Operator } from "../../../storage/repositories/operators.ts";
import type { Store } from "../../../storage/store.ts";
import { type Caller, OPERATOR_SCOPES, SCOPES, type Scope } from "../../domain/identity/caller.ts";
import { requireServed } from "../../domain/identity/operator.ts";
import { TOKEN_PREFIX } from "../../domain/identity/passport.ts";
import type { Clock } from "../../shared/clock.ts";
import { ERRORS } from "../../shared/error-codes.ts";
import { DomainError } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";
import { claimedAgent } from "../../tokens/agent-request.ts";
import { apiKeyId, apiKeyMac, sameMac } from "./api-key.ts";
import type { AuthFailureLog } from "./auth-failure-log.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

/**
 * The credential of a caller. Over stdio, without a key, the caller is the local operator
 * of this data folder.
 */
export type Credential =
  | { readonly kind: "local" }
  | { readonly kind: "none" }
  /** An API key, a passport, or a request that an agent signed. */
  | { readonly kind: "bearer"; readonly token: Secret<string>; readonly source: string }
  /** An agent whose signed request was admitted: only `admit` makes it. */
  | { readonly kind: "agent"; readonly agentId: string; readonly publicKey: string };

interface Known {
  readonly caller: Caller;
  readonly expiresAt: number | null;
}

const MAX_KNOWN = 1_000;

/** Returns the name of a principal: for a passport its jti, however often it was signed. */
export function principalOf(caller: Caller, credential: Credential): string {
  return caller.passport?.jti ?? nameOf(credential);
}

/** Returns a name for a credential that reveals nothing: SHA-256 of the key or token. */
function nameOf(credential: Credential): string {
  if (credential.kind === "bearer") return hash("sha256", credential.token.reveal(), "base64url");
  return credential.kind === "agent"
    ? `${credential.agentId} ${credential.publicKey}`
    : credential.kind;
}

export interface AccessParts {
  readonly store: Store;
  readonly pepper: Buffer;
  readonly tokens: TokenAuthenticator;
  readonly failures: AuthFailureLog;
  readonly clock: Clock;
}

export class AuthenticationService {
  readonly #parts: AccessParts;
  /** Callers by digest of the key; valid only until the next change of the database. */
  #known: { readonly version: unknown; readonly callers: Map<string, Known> } = {
    version: undefined,
    callers: new Map(),
  };

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /**
   * Admits a credential: an agent's signed request is valid once, and becomes the agent; any other
   * credential stays as it is. `count` gets the principal before anything is written. Throws
   * UNAUTHORIZED with a reason.
   */
  async admit(
    credential: Credential,
    count: (admitted: Credential) => Promise<void>,
  ): Promise<Credential> {
    if (credential.kind !== "bearer") return credential;
    const token = credential.token.reveal();
    const agentId = token.startsWith(TOKEN_PREFIX) ? claimedAgent(token) : undefined;
    if (agentId === undefined) return credential;
    const agentOf = (publicKey: string) => ({ kind: "agent", agentId, publicKey }) as const;
    return agentOf(
      await this.#parts.tokens.admitRequest(token, agentId, (publicKey) =>
        count(agentOf(publicKey)),
      ),
    );
  }

  /**
   * Returns the caller of a credential. A wrong key never becomes another identity. Throws
   * UNAUTHORIZED without a credential or for an invalid token, INVALID_API_KEY with the source of
   * the key, PASSPORT_EXPIRED, PASSPORT_REVOKED, PASSPORT_BLOCKED.
   */
  async authenticate(credential: Credential): Promise<Caller> {
    if (credential.kind === "none") throw new DomainError("UNAUTHORIZED", WITHOUT_KEY);
    const name = nameOf(credential);
    const callers = this.#callersNow();
    const known = callers.get(name) ?? (await this.#lookUp(credential));
    if (known.expiresAt !== null && known.expiresAt <= this.#parts.clock.now()) {
      throw known.caller.passport ? new DomainError("PASSPORT_EXPIRED") : invalid(credential);
    }
    callers.set(name, known);
    return known.caller;
  }

  /** Returns false only for a refused credential: a busy database proves nothing. */
  async stillHolds(credential: Credential): Promise<boolean> {
    return this.authenticate(credential).then(
      () => true,
      (error: unknown) =>
        !(error instanceof DomainError && [401, 403].includes(ERRORS[error.code].status)),
    );
  }

  #callersNow(): Map<string, Known> {
    const version = this.#parts.store.changes.version();
    if (version !== this.#known.version || this.#known.callers.size >= MAX_KNOWN) {
      this.#known = { version, callers: new Map() };
    }
    return this.#known.callers;
  }

  async #lookUp(credential: Credential): Promise<Known> {
    const { tokens } = this.#parts;
    if (credential.kind === "agent") {
      return {
        caller: await tokens.agentCaller(credential.agentId, credential.publicKey),
        expiresAt: null,
      };
    }
    if (credential.kind !== "bearer") return { caller: await this.#local(), expiresAt: null };
    const text = credential.token.reveal();
    if (text.startsWith(TOKEN_PREFIX)) return tokens.passportCaller(text);
    const found = await this.#byKey(text);
    if (!found) {
      const error = invalid(credential);
      await this.#parts.failures.record(error);
      throw error;
    }
    return { caller: toCaller(found.operator, found.key), expiresAt: found.key.expires_at };
  }

  async #local(): Promise<Caller> {
    const operator = await this.#parts.store.read((r) => r.operators.findLocal());
    if (!operator)
      throw new DomainError(
        "UNAUTHORIZED",
        "This database has no local operator: set STACK_API_KEY.",
      );
    return toCaller(operator);
  }

  async #byKey(text: string): Promise<{ key: ApiKey; operator: Operator } | undefined> {
    const id = apiKeyId(text);
    if (id === undefined) return undefined;
    return this.#parts.store.read(async (r) => {
      const key = await r.operators.findKey(id);
      if (!key || !sameMac(key.mac, apiKeyMac(text, this.#parts.pepper)) || key.revoked_at !== null)
        return undefined;
      const operator = await r.operators.find(key.operator_id);
      return operator && { key, operator };
    });
  }
}

const WITHOUT_KEY =
  "Send an API key: `Authorization: Bearer sk_live_op_…`. On the server's machine `stack-mcp key create <operator>` makes one.";

function invalid(credential: Credential): DomainError {
  const source = credential.kind === "bearer" ? credential.source : "nowhere";
  return new DomainError(
    "INVALID_API_KEY",
    `The API key from ${source} is not one of this database: it may be mistyped, revoked or expired. Correct or remove it, or make one with \`stack-mcp key create <operator>\`.`,
  );
}

function toCaller(operator: Operator, key?: ApiKey): Caller {
  const { id: operatorId, name, plan } = requireServed(operator);
  return {
    operatorId,
    name,
    plan,
    scopes: scopesOf(operator, key?.scopes ?? null),
    keyId: key?.id,
  };
}

function scopesOf(operator: Operator, held: string | null): readonly Scope[] {
  if (held !== null) return JSON.parse(held) as Scope[];
  return operator.is_admin === 1 ? SCOPES : OPERATOR_SCOPES;
}
