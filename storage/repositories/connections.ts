import { type Selectable, sql } from "kysely";
import type { ConnectionAuth } from "../../src/domain/identity/connection.ts";
import { Repository } from "../repository.ts";
import type { ConnectionsTable } from "../schema/connections.ts";
import { sealedOwner } from "./sealed-blobs.ts";

type Row = Selectable<ConnectionsTable>;

export interface Connection extends Omit<Row, "hosts" | "auth"> {
  readonly hosts: readonly string[];
  readonly auth: ConnectionAuth;
}

export class ConnectionReader extends Repository {
  async find(operatorId: string, id: string): Promise<Connection | undefined> {
    const row = await this.#of(operatorId).where("id", "=", id).executeTakeFirst();
    return row && parsed(row);
  }

  async findByProvider(operatorId: string, provider: string): Promise<Connection | undefined> {
    const row = await this.#of(operatorId).where("provider", "=", provider).executeTakeFirst();
    return row && parsed(row);
  }

  /**
   * With its secret, read in one statement: a change between two would send one's secret to the
   * other's hosts.
   */
  async open(
    operatorId: string,
    provider: string,
  ): Promise<{ connection: Connection; secret: string } | undefined> {
    const { rows } = await sql<Row & { wrapped_key: Buffer; ciphertext: Buffer }>`
      select c.*, s.wrapped_key, s.ciphertext
      from connections c join sealed_blobs s on s.owner = 'connections:' || c.id || ':secret'
      where c.operator_id = ${operatorId} and c.provider = ${provider}`.execute(this.db);
    const [row] = rows;
    if (!row) return undefined;
    const { wrapped_key: wrappedKey, ciphertext, ...connection } = row;
    const secret = this.handle.vault.open(sealedOwner.connection(row.id), {
      wrappedKey,
      ciphertext,
    });
    return { connection: parsed(connection), secret };
  }

  async list(operatorId: string): Promise<Connection[]> {
    const rows = await this.#of(operatorId).orderBy("provider").execute();
    return rows.map(parsed);
  }

  #of(operatorId: string) {
    return this.db.selectFrom("connections").selectAll().where("operator_id", "=", operatorId);
  }
}

export class ConnectionWriter extends ConnectionReader {
  async insert(
    connection: Omit<Connection, "status" | "verified_at" | "created_at" | "updated_at">,
  ): Promise<void> {
    const now = this.handle.clock.now();
    const state = {
      status: "unverified",
      verified_at: null,
      created_at: now,
      updated_at: now,
    } as const;
    await this.db
      .insertInto("connections")
      .values({ ...connection, ...jsonOf(connection), ...state })
      .execute();
  }

  async update(
    id: string,
    change: Partial<Omit<Connection, "id" | "operator_id" | "provider">>,
  ): Promise<void> {
    const { hosts, auth, ...plain } = change;
    await this.db
      .updateTable("connections")
      .set({
        ...plain,
        ...(hosts ? { hosts: JSON.stringify(hosts) } : {}),
        ...(auth ? { auth: JSON.stringify(auth) } : {}),
        updated_at: this.handle.clock.now(),
      })
      .where("id", "=", id)
      .execute();
  }

  async delete(id: string): Promise<void> {
    await this.db.deleteFrom("connections").where("id", "=", id).execute();
  }
}

function parsed(row: Row): Connection {
  return {
    ...row,
    hosts: JSON.parse(row.hosts) as string[],
    auth: JSON.parse(row.auth) as ConnectionAuth,
  };
}

function jsonOf({ hosts, auth }: Pick<Connection, "hosts" | "auth">) {
  return { hosts: JSON.stringify(hosts), auth: JSON.stringify(auth) };
}
