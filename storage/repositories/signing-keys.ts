import type { Selectable } from "kysely";
import { Repository } from "../repository.ts";
import type { SigningKeysTable } from "../schema/signing-keys.ts";

type SigningKeyRow = Selectable<SigningKeysTable>;
export type StoredKey = Omit<SigningKeyRow, "public_jwk"> & {
  readonly public_jwk: Record<string, unknown>;
};

export class SigningKeyReader extends Repository {
  /** All there ever were, oldest first. */
  async list(): Promise<StoredKey[]> {
    const rows = await this.db
      .selectFrom("signing_keys")
      .selectAll()
      .orderBy("created_at")
      .orderBy("kid")
      .execute();
    return rows.map((row) => ({
      ...row,
      public_jwk: JSON.parse(row.public_jwk) as Record<string, unknown>,
    }));
  }
}

export class SigningKeyWriter extends SigningKeyReader {
  async insert(key: Pick<StoredKey, "kid" | "public_jwk" | "status">): Promise<void> {
    const row = {
      ...key,
      public_jwk: JSON.stringify(key.public_jwk),
      created_at: this.handle.clock.now(),
      retired_at: null,
    };
    await this.db.insertInto("signing_keys").values(row).execute();
  }

  /** `next` signs from now on, and `active` only verifies what it signed. */
  async rotate(): Promise<void> {
    const retired = { status: "retired", retired_at: this.handle.clock.now() } as const;
    await this.db.updateTable("signing_keys").set(retired).where("status", "=", "active").execute();
    await this.db
      .updateTable("signing_keys")
      .set({ status: "active" })
      .where("status", "=", "next")
      .execute();
  }
}
