import { generateKeyPairSync } from "node:crypto";
import { INSTANCE } from "../../../storage/gates.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { StoredKey } from "../../../storage/repositories/signing-keys.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Clock } from "../../shared/clock.ts";
import { assert } from "../../shared/errors.ts";
import { type PublicJwk, publicJwkOf } from "../../tokens/ed25519.ts";
import type { SigningKey } from "../../tokens/token.ts";

const KID_PREFIX = "stack-passport-v";
/** Time for which a retired key still verifies passports: the longest lifetime of a passport. */
const OVERLAP_MS = 3_600_000;

export interface SigningKeyParts {
  readonly store: Store;
  readonly clock: Clock;
}

/**
 * Keys that sign passports, receipts and checkpoints. The next key is published before it signs,
 * so that verifiers with a stored JWKS know it. Retired keys stay published, for their signatures.
 */
export class SigningKeyService {
  readonly #parts: SigningKeyParts;
  readonly #opened = new Map<string, SigningKey>();

  constructor(parts: SigningKeyParts) {
    this.#parts = parts;
  }

  /** Returns the key that signs now; the first call makes the first key. */
  async active(): Promise<SigningKey> {
    const { kid } =
      (await this.#list()).find(({ status }) => status === "active") ?? (await this.#found());
    return this.#open(kid);
  }

  /** Finds a key that may have signed a passport that has not expired. */
  async findForPassports(kid: string): Promise<PublicJwk | undefined> {
    const key = (await this.#list()).find((one) => one.kid === kid);
    if (!key || key.status === "next") return undefined;
    if (key.retired_at !== null && key.retired_at + OVERLAP_MS <= this.#parts.clock.now())
      return undefined;
    return this.#publicOf(kid);
  }

  /** Finds any key that ever signed: receipts and checkpoints stay valid. */
  async find(kid: string): Promise<PublicJwk | undefined> {
    const key = (await this.#list()).find((one) => one.kid === kid && one.status !== "next");
    return key && this.#publicOf(kid);
  }

  /** Returns the JWKS for verifiers: all public keys so far, and the next one. */
  async jwks(): Promise<{ keys: Required<PublicJwk>[] }> {
    await this.active();
    const keys = [];
    for (const { kid } of await this.#list()) {
      const jwk = await this.#publicOf(kid);
      if (jwk) keys.push({ ...jwk, kid, alg: "EdDSA", use: "sig" });
    }
    return { keys };
  }

  /** Lets the next key sign. Tokens of the previous key stay valid until they expire. */
  async rotate(operatorId: string): Promise<{ readonly kid: string; readonly next_kid: string }> {
    await this.active();
    await this.#parts.store.transact([INSTANCE, operatorId], async (t) => {
      await t.signingKeys.rotate();
      const kid = await makeKey(t, "next");
      const details = { next_kid: kid };
      await t.audit.append({
        operatorId,
        action: "signing_key.rotate",
        outcome: "success",
        details,
      });
    });
    const keys = await this.#list();
    const named = (status: StoredKey["status"]) =>
      keys.find((key) => key.status === status)?.kid ?? "";
    return { kid: named("active"), next_kid: named("next") };
  }

  async #open(kid: string): Promise<SigningKey> {
    const known = this.#opened.get(kid);
    if (known) return known;
    const text = await this.#parts.store.read((r) => r.sealed.open(sealedOwner.signingKey(kid)));
    const key = { kid, privateJwk: JSON.parse(text) as SigningKey["privateJwk"] };
    this.#opened.set(kid, key);
    return key;
  }

  /**
   * Returns the public half that was sealed with the private one, because the open column can be
   * forged. Undefined for a key that was stored without the master key.
   */
  async #publicOf(kid: string): Promise<PublicJwk | undefined> {
    const opened = await this.#open(kid).catch(() => undefined);
    if (!opened) return undefined;
    const { kty, crv, x } = opened.privateJwk;
    return publicJwkOf({ kty, crv, x, kid });
  }

  async #list(): Promise<StoredKey[]> {
    return this.#parts.store.memo("signing-keys", (r) => r.signingKeys.list());
  }

  async #found(): Promise<StoredKey> {
    await this.#parts.store.transact([INSTANCE], async (t) => {
      // Another process may have been quicker.
      if ((await t.signingKeys.list()).length > 0) return;
      await makeKey(t, "active");
      await makeKey(t, "next");
    });
    const active = (await this.#list()).find(({ status }) => status === "active");
    assert(active, "a database that has keys has an active one");
    return active;
  }
}

async function makeKey(t: Transaction, status: "active" | "next"): Promise<string> {
  const kid = `${KID_PREFIX}${(await t.signingKeys.list()).length + 1}`;
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  await t.signingKeys.insert({
    kid,
    status,
    public_jwk: publicKey.export({ format: "jwk" }) as Record<string, unknown>,
  });
  await t.sealed.insert(
    sealedOwner.signingKey(kid),
    JSON.stringify(privateKey.export({ format: "jwk" })),
  );
  return kid;
}
