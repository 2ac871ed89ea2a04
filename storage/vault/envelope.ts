import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Secret } from "../../src/shared/secret.ts";

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Part of the additional data, so that a later format cannot be mistaken for this one. */
const FORMAT = "1";

/**
 * A blob at rest: content under a data key of its own, and that key under the key-encryption key.
 */
export interface Envelope {
  readonly wrappedKey: Buffer;
  readonly ciphertext: Buffer;
}

class VaultError extends Error {
  override readonly name = "VaultError";
}

/**
 * Envelope encryption: AES-256-GCM with a fresh data key a blob, `owner` (`table:id:column`) as
 * additional data, so that a blob that is moved to another row no longer opens.
 */
export class Vault {
  readonly #masterKey: Secret<Buffer>;

  constructor(masterKey: Secret<Buffer>) {
    this.#masterKey = masterKey;
  }

  seal(owner: string, plaintext: string): Envelope {
    const dataKey = randomBytes(KEY_BYTES);
    return {
      wrappedKey: encrypt(this.#masterKey.reveal(), dataKey, additionalData(owner)),
      ciphertext: encrypt(dataKey, Buffer.from(plaintext, "utf8"), additionalData(owner)),
    };
  }

  /** Throws VaultError when the blob was altered, moved, or sealed under another key. */
  open(owner: string, envelope: Envelope): string {
    return decrypt(
      this.dataKey(owner, envelope),
      envelope.ciphertext,
      additionalData(owner),
    ).toString("utf8");
  }

  /** The data key of one blob: what a sandbox child is given to open that blob and no other. */
  dataKey(owner: string, envelope: Envelope): Buffer {
    return decrypt(this.#masterKey.reveal(), envelope.wrappedKey, additionalData(owner));
  }

  /** A key for one purpose, derived from the key-encryption key (HKDF-SHA256). */
  derive(purpose: string): Buffer {
    return Buffer.from(
      hkdfSync("sha256", this.#masterKey.reveal(), "", `stack-mcp:${purpose}`, KEY_BYTES),
    );
  }
}

/** Names a key without telling anything of it. */
export function keyFingerprint(masterKey: Secret<Buffer>): string {
  return createHash("sha256")
    .update("stack-mcp:fingerprint:")
    .update(masterKey.reveal())
    .digest("hex")
    .slice(0, 16);
}

/**
 * Returns the text that the ciphertext is bound to; a sandbox child needs the same text to open it.
 */
export function additionalData(owner: string): string {
  return `${owner}:${FORMAT}`;
}

function encrypt(key: Buffer, plaintext: Buffer, aad: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(aad));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, aad: string): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES)).setAAD(
      Buffer.from(aad),
    );
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    throw new VaultError(
      "a sealed value does not open: it was altered, moved, or sealed under another key",
    );
  }
}
