import { DomainError } from "../../src/shared/errors.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { type ReadHandle, Repository, type WriteHandle } from "../repository.ts";

/** Names one request of one operator, so that its repetition can be told from a new one. */
export interface IdempotencyKey {
  readonly operatorId: string;
  readonly operation: string;
  readonly key: string;
  /** Digest of the request's input without the key. */
  readonly requestDigest: string;
  /** Called when the same request had been accepted before. */
  readonly onRepeat?: () => void;
}

export class IdempotencyReader<H extends ReadHandle = ReadHandle> extends Repository<H> {
  /**
   * Finds the id of the thing that the same request made before. Throws IDEMPOTENCY_CONFLICT for
   * another input.
   */
  async find(key: IdempotencyKey): Promise<string | undefined> {
    const row = await this.db
      .selectFrom("idempotency")
      .select(["request_digest", "subject_id"])
      .where("operator_id", "=", key.operatorId)
      .where("operation", "=", key.operation)
      .where("key", "=", key.key)
      .where("expires_at", ">", this.handle.clock.now())
      .executeTakeFirst();
    if (row && row.request_digest !== key.requestDigest)
      throw new DomainError("IDEMPOTENCY_CONFLICT");
    if (row) key.onRepeat?.();
    return row?.subject_id;
  }
}

export class IdempotencyWriter extends IdempotencyReader<WriteHandle> {
  /** Remembers accepted work for 7 days. Lapsed rows go when new ones come. */
  async insert(key: IdempotencyKey, subjectId: string): Promise<void> {
    this.handle.gates.require(key.operatorId);
    await this.db
      .deleteFrom("idempotency")
      .where("expires_at", "<=", this.handle.clock.now())
      .execute();
    const fresh = {
      request_digest: key.requestDigest,
      subject_id: subjectId,
      expires_at: this.handle.clock.now() + LIMITS.idempotencyKeepMs,
    };
    await this.db
      .insertInto("idempotency")
      .values({ operator_id: key.operatorId, operation: key.operation, key: key.key, ...fresh })
      .execute();
  }
}
