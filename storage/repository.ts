import type { Kysely } from "kysely";
import type { Clock } from "../src/shared/clock.ts";
import type { Gates } from "./gates.ts";
import type { Schema } from "./schema/index.ts";
import type { Vault } from "./vault/envelope.ts";

/** The way to the rows. */
export interface RowHandle {
  readonly db: Kysely<Schema>;
}

/**
 * The way to the rows, to what is sealed in them, and to the time that decides which of them hold.
 */
export interface ReadHandle extends RowHandle {
  readonly vault: Vault;
  readonly clock: Clock;
}

/** The same within one transaction, with the gates that it named. */
export interface WriteHandle extends ReadHandle {
  readonly gates: Gates;
}

/** The ground of every repository. */
export class Repository<Handle extends RowHandle = ReadHandle> {
  protected readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  protected get db(): Kysely<Schema> {
    return this.handle.db;
  }
}
