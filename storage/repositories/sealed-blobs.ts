import { assert } from "../../src/shared/errors.ts";
import { Repository } from "../repository.ts";
import { additionalData, type Envelope } from "../vault/envelope.ts";

/** A sealed value for the one place that may open it, with the key of that value only. */
export interface SealedPackage {
  readonly ciphertext: Buffer;
  readonly dataKey: Buffer;
  readonly additionalData: string;
}

export class SealedBlobReader extends Repository {
  async open(owner: string): Promise<string> {
    return this.handle.vault.open(owner, await this.#envelope(owner));
  }

  async find(owner: string): Promise<string | undefined> {
    const envelope = await this.#find(owner);
    return envelope && this.handle.vault.open(owner, envelope);
  }

  /** For a sandbox child: the content stays closed on the way. */
  async package(owner: string): Promise<SealedPackage> {
    const envelope = await this.#envelope(owner);
    return {
      ciphertext: envelope.ciphertext,
      dataKey: this.handle.vault.dataKey(owner, envelope),
      additionalData: additionalData(owner),
    };
  }

  async #envelope(owner: string): Promise<Envelope> {
    const found = await this.#find(owner);
    assert(found, "a sealed value is where its row says");
    return found;
  }

  async #find(owner: string): Promise<Envelope | undefined> {
    const row = await this.db
      .selectFrom("sealed_blobs")
      .selectAll()
      .where("owner", "=", owner)
      .executeTakeFirst();
    return row && { wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
  }
}

export class SealedBlobWriter extends SealedBlobReader {
  async insert(owner: string, plaintext: string): Promise<void> {
    const { wrappedKey, ciphertext } = this.handle.vault.seal(owner, plaintext);
    await this.db
      .insertInto("sealed_blobs")
      .values({ owner, wrapped_key: wrappedKey, ciphertext })
      .execute();
  }

  /** Takes the place of what was there. */
  async replace(owner: string, plaintext: string): Promise<void> {
    await this.delete(owner);
    await this.insert(owner, plaintext);
  }

  async delete(owner: string): Promise<void> {
    await this.db.deleteFrom("sealed_blobs").where("owner", "=", owner).execute();
  }
}

/** The owner names of everything sealed. */
export const sealedOwner = {
  script: (versionId: string, step: number) => `skill_versions:${versionId}:step.${step}.code`,
  prompt: (versionId: string, step: number) => `skill_versions:${versionId}:step.${step}.prompt`,
  input: (invocationId: string) => `invocations:${invocationId}:input`,
  output: (invocationId: string) => `invocations:${invocationId}:output`,
  paymentToken: (invocationId: string) => `invocations:${invocationId}:payment_token`,
  note: (invocationId: string) => `invocations:${invocationId}:note`,
  connection: (connectionId: string) => `connections:${connectionId}:secret`,
  checkout: (checkoutId: string) => `checkouts:${checkoutId}:summary`,
  signingKey: (kid: string) => `signing_keys:${kid}:private`,
  cause: (invocationId: string) => `invocations:${invocationId}:cause`,
  reason: (invocationId: string) => `invocations:${invocationId}:reason`,
} as const;
