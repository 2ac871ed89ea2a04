import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Store } from "../../../storage/store.ts";
import { type Caller, OPERATOR_SCOPES, SCOPES } from "../../domain/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";
import { apiKeyId, apiKeyMatches } from "./api-key.ts";

/** How a caller says who it is. Without a key it is the local operator of this data folder. */
export type Credential =
  | { readonly kind: "local" }
  | { readonly kind: "key"; readonly key: Secret<string>; readonly source: string };

export class AccessService {
  readonly #store: Store;
  readonly #pepper: Buffer;
  /** Good only while the database is as it was when this was read. */
  #last: { readonly credential: Credential; readonly version: unknown; readonly caller: Caller } | undefined;

  constructor(store: Store, pepper: Buffer) {
    this.#store = store;
    this.#pepper = pepper;
  }

  /** Throws INVALID_API_KEY that says where the key came from. A wrong key never becomes another identity. */
  async authenticate(credential: Credential): Promise<Caller> {
    const version = this.#store.changes.version();
    if (this.#last?.credential === credential && this.#last.version === version) return this.#last.caller;
    const caller = await this.#lookUp(credential);
    this.#last = { credential, version, caller };
    return caller;
  }

  async #lookUp(credential: Credential): Promise<Caller> {
    if (credential.kind === "local") return this.#local();
    const operator = await this.#byKey(credential.key.reveal());
    if (operator) return toCaller(operator);
    throw new DomainError(
      "INVALID_API_KEY",
      `The API key from ${credential.source} matches no operator of this database. Correct or remove it, or make one with \`stack-mcp operator create <name>\`.`,
    );
  }

  async #local(): Promise<Caller> {
    const operator = await this.#store.read((r) => r.operators.findLocal());
    if (!operator) throw new DomainError("UNAUTHORIZED", "This database has no local operator: set STACK_API_KEY.");
    return toCaller(operator);
  }

  async #byKey(key: string): Promise<Operator | undefined> {
    const id = apiKeyId(key);
    if (id === undefined) return undefined;
    return this.#store.read(async (r) => {
      const row = await r.operators.findKey(id);
      const matches = row !== undefined && apiKeyMatches(key, row.mac, this.#pepper);
      return matches && row.revoked_at === null ? r.operators.find(row.operator_id) : undefined;
    });
  }
}

function toCaller(operator: Operator): Caller {
  const scopes = operator.is_admin === 1 ? SCOPES : OPERATOR_SCOPES;
  return { operatorId: operator.id, name: operator.name, plan: operator.plan, scopes };
}
