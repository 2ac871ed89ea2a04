import type { ApiKey } from "../../../storage/repositories/operators.ts";
import type { Store } from "../../../storage/store.ts";
import type { Scope } from "../../domain/identity/caller.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { createApiKey } from "./api-key.ts";
import { requirePresentOperator } from "./named-operator.ts";

export interface CreateKey {
  /** Id or name. */
  readonly operator: string;
  readonly name: string;
  /** The scopes that bind the key; undefined: its operator's rights, now and later. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly expiresInDays?: number | undefined;
}

export interface KeyView {
  readonly key_id: string;
  readonly operator_id: string;
  readonly operator: string;
  readonly name: string;
  /** `["*"]` for a key without bounds of its own. */
  readonly scopes: readonly string[];
  readonly status: "active" | "expired" | "revoked";
  readonly created_at: string;
  readonly expires_at?: string;
  readonly revoked_at?: string;
}

const NAME_CHARS = 64;
const MAX_DAYS = 3_650;
const DAY_MS = 86_400_000;

export interface KeyParts {
  readonly store: Store;
  readonly pepper: Buffer;
  readonly clock: Clock;
}

/** API keys as the host manages them. */
export class KeyService {
  readonly #parts: KeyParts;

  constructor(parts: KeyParts) {
    this.#parts = parts;
  }

  /**
   * Makes a key; the result shows it once. Throws NOT_FOUND for the operator, INVALID_REQUEST.
   */
  async create({
    operator,
    name,
    scopes,
    expiresInDays,
  }: CreateKey): Promise<KeyView & { readonly api_key: string }> {
    if (name.length < 1 || name.length > NAME_CHARS)
      throw invalidRequest("name", `name must have 1 to ${NAME_CHARS} characters.`);
    if (scopes?.length === 0)
      throw invalidRequest("scopes", "scopes must name at least one scope.");
    if (expiresInDays !== undefined && !(expiresInDays >= 1 && expiresInDays <= MAX_DAYS)) {
      throw invalidRequest("expires-days", `expires-days must be between 1 and ${MAX_DAYS}.`);
    }
    const made = createApiKey(this.#parts.pepper);
    const owner = await this.#parts.store.read((r) => requirePresentOperator(r, operator));
    await this.#parts.store.transact([owner.id], async (t) => {
      await t.operators.insertKey({
        id: made.id,
        operator_id: owner.id,
        mac: made.mac,
        name,
        scopes: scopes === undefined ? null : JSON.stringify([...new Set(scopes)].sort()),
        expires_at:
          expiresInDays === undefined ? null : this.#parts.clock.now() + expiresInDays * DAY_MS,
      });
      const details = { key_id: made.id, name, scopes: [...(scopes ?? ["*"])] };
      await t.audit.append({
        operatorId: owner.id,
        action: "key.create",
        outcome: "success",
        details,
      });
    });
    return { ...(await this.#view(made.id)), api_key: made.key };
  }

  /** Lists the keys of one operator (id or name), or of all. */
  async list(operator?: string): Promise<KeyView[]> {
    return this.#parts.store.read(async (r) => {
      const operators = await r.operators.list();
      const owner = operators.find(({ id, name }) => operator === id || operator === name);
      if (operator !== undefined && !owner) {
        throw new DomainError(
          "NOT_FOUND",
          "There is no such operator. `stack-mcp operator list` shows them.",
        );
      }
      const names = new Map(operators.map(({ id, name }) => [id, name]));
      const keys = await r.operators.listKeys(owner?.id);
      return keys.map((key) =>
        viewOf(key, names.get(key.operator_id) ?? "", this.#parts.clock.now()),
      );
    });
  }

  /** Revokes a key at once, in every process. Throws NOT_FOUND; a revoked key stays revoked. */
  async revoke(keyId: string): Promise<KeyView> {
    const key = isId("key", keyId)
      ? await this.#parts.store.read((r) => r.operators.findKey(keyId))
      : undefined;
    if (!key)
      throw new DomainError("NOT_FOUND", "There is no such key. `stack-mcp key list` shows them.");
    const { operator_id: operatorId } = key;
    await this.#parts.store.transact([operatorId], async (t) => {
      if (!(await t.operators.revokeKey(keyId))) return;
      const details = { key_id: keyId };
      await t.audit.append({ operatorId, action: "key.revoke", outcome: "success", details });
    });
    return this.#view(keyId);
  }

  async #view(keyId: string): Promise<KeyView> {
    const views = await this.list();
    const found = views.find(({ key_id }) => key_id === keyId);
    if (!found) throw new DomainError("NOT_FOUND");
    return found;
  }
}

function viewOf(key: ApiKey, operator: string, now: number): KeyView {
  const good = key.expires_at !== null && key.expires_at <= now ? "expired" : "active";
  return {
    key_id: key.id,
    operator_id: key.operator_id,
    operator,
    name: key.name,
    scopes: key.scopes === null ? ["*"] : (JSON.parse(key.scopes) as string[]),
    status: key.revoked_at === null ? good : "revoked",
    created_at: isoTime(key.created_at),
    expires_at: key.expires_at === null ? undefined : isoTime(key.expires_at),
    revoked_at: key.revoked_at === null ? undefined : isoTime(key.revoked_at),
  };
}
