import { hash } from "node:crypto";
import type { ApiKey, Operator } from "../../../storage/repositories/operators.ts";
import type { Store } from "../../../storage/store.ts";
import { type Caller, OPERATOR_SCOPES, SCOPES, type Scope } from "../../domain/caller.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError, ERRORS } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";
import { apiKeyId, apiKeyMac, sameMac } from "./api-key.ts";

/** How a caller says who it is. Over stdio, without a key, it is the local operator of this data folder. */
export type Credential =
  | { readonly kind: "local" }
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly key: Secret<string>; readonly source: string };

interface Known {
  readonly caller: Caller;
  readonly expiresAt: number | null;
}

const MOST_KNOWN = 1_000;

/** Tells credentials apart without being one: SHA-256 of the key. */
export function nameOf(credential: Credential): string {
  return credential.kind === "key" ? hash("sha256", credential.key.reveal(), "base64url") : credential.kind;
}

export class AccessService {
  readonly #store: Store;
  readonly #pepper: Buffer;
  readonly #clock: Clock;
  /** By digest of the key; good only while the database is as it was when they were read. */
  #known: { readonly version: unknown; readonly callers: Map<string, Known> } = {
    version: undefined,
    callers: new Map(),
  };

  constructor(store: Store, pepper: Buffer, clock: Clock) {
    this.#store = store;
    this.#pepper = pepper;
    this.#clock = clock;
  }

  /**
   * Throws UNAUTHORIZED without a credential, INVALID_API_KEY that says where the key came from. A wrong key never becomes
   * another identity.
   */
  async authenticate(credential: Credential): Promise<Caller> {
    if (credential.kind === "none") throw new DomainError("UNAUTHORIZED", WITHOUT_KEY);
    const name = nameOf(credential);
    const callers = this.#callersNow();
    const known = callers.get(name) ?? (await this.#lookUp(credential));
    if (known.expiresAt !== null && known.expiresAt <= this.#clock()) throw invalid(credential);
    callers.set(name, known);
    return known.caller;
  }

  /** False only for a credential that is refused: a database that is busy proves nothing. */
  async stillHolds(credential: Credential): Promise<boolean> {
    return this.authenticate(credential).then(
      () => true,
      (error: unknown) => !(error instanceof DomainError && ERRORS[error.code].status === 401),
    );
  }

  #callersNow(): Map<string, Known> {
    const version = this.#store.changes.version();
    if (version !== this.#known.version || this.#known.callers.size >= MOST_KNOWN) {
      this.#known = { version, callers: new Map() };
    }
    return this.#known.callers;
  }

  async #lookUp(credential: Credential): Promise<Known> {
    if (credential.kind !== "key") return { caller: await this.#local(), expiresAt: null };
    const found = await this.#byKey(credential.key.reveal());
    if (!found) throw invalid(credential);
    return { caller: toCaller(found.operator, found.key), expiresAt: found.key.expires_at };
  }

  async #local(): Promise<Caller> {
    const operator = await this.#store.read((r) => r.operators.findLocal());
    if (!operator) throw new DomainError("UNAUTHORIZED", "This database has no local operator: set STACK_API_KEY.");
    return toCaller(operator);
  }

  async #byKey(text: string): Promise<{ key: ApiKey; operator: Operator } | undefined> {
    const id = apiKeyId(text);
    if (id === undefined) return undefined;
    return this.#store.read(async (r) => {
      const key = await r.operators.findKey(id);
      if (!key || !sameMac(key.mac, apiKeyMac(text, this.#pepper)) || key.revoked_at !== null) return undefined;
      const operator = await r.operators.find(key.operator_id);
      return operator && { key, operator };
    });
  }
}

const WITHOUT_KEY =
  "Send an API key: `Authorization: Bearer sk_live_op_…`. On the server's machine `stack-mcp key create <operator>` makes one.";

function invalid(credential: Credential): DomainError {
  const source = credential.kind === "key" ? credential.source : "nowhere";
  return new DomainError(
    "INVALID_API_KEY",
    `The API key from ${source} is not one of this database: it may be mistyped, revoked or expired. Correct or remove it, or make one with \`stack-mcp key create <operator>\`.`,
  );
}

function toCaller(operator: Operator, key?: ApiKey): Caller {
  const { id: operatorId, name, plan } = operator;
  return { operatorId, name, plan, scopes: scopesOf(operator, key?.scopes ?? null) };
}

function scopesOf(operator: Operator, held: string | null): readonly Scope[] {
  if (held !== null) return JSON.parse(held) as Scope[];
  return operator.is_admin === 1 ? SCOPES : OPERATOR_SCOPES;
}
