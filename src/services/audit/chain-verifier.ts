import type { ChainReport, Link } from "../../../storage/repositories/audit.ts";
import type { Store } from "../../../storage/store.ts";
import { GENESIS_HASH } from "../../domain/audit/audit.ts";
import type { Clock } from "../../shared/clock.ts";
import { type AuditCheckpoint, openCheckpoint } from "../../tokens/checkpoint-token.ts";
import { signToken } from "../../tokens/token.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";

export interface ChainParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly issuer: () => string;
  readonly clock: Clock;
}

/** Walks audit chains, and signs and opens the checkpoints that pin them. */
export class ChainVerifier {
  readonly #parts: ChainParts;

  constructor(parts: ChainParts) {
    this.#parts = parts;
  }

  async verify(operatorId: string, pinned: string | undefined): Promise<ChainReport> {
    const report = await this.verifyFrom(operatorId);
    if (report.problem !== undefined || pinned === undefined) return report;
    const known = await this.opened(operatorId, pinned);
    if (!known)
      return {
        ...report,
        problem: "this server did not sign the checkpoint in audit-checkpoints.jsonl",
      };
    const row = await this.#parts.store.read((r) => r.audit.find(operatorId, known.seq));
    const dropped = await this.start(operatorId);
    if (!row && dropped !== "forged" && dropped && dropped.seq >= known.seq) return report;
    if (!row)
      return {
        ...report,
        problem: `row ${known.seq} of the signed checkpoint is missing: the chain was truncated`,
      };
    if (row.hash === known.hash) return report;
    return {
      ...report,
      problem: `row ${known.seq} differs from the signed checkpoint: the chain was rewritten`,
    };
  }

  /** Walks a chain from the row where rows were dropped, or from a row verified before. */
  async verifyFrom(operatorId: string, known?: Link): Promise<ChainReport> {
    const dropped = await this.start(operatorId);
    if (dropped === "forged") {
      return {
        operatorId,
        rows: 0,
        problem: "this server did not sign the checkpoint behind which rows were dropped",
      };
    }
    const start = known && (!dropped || known.seq > dropped.seq) ? known : dropped;
    if (known && start === known) {
      const row = await this.#parts.store.read((r) => r.audit.find(operatorId, known.seq));
      if (row?.hash !== known.hash)
        return {
          operatorId,
          rows: 0,
          problem: `row ${known.seq} differs from its checkpoint`,
        };
      return this.#parts.store.read((r) => r.audit.verify(operatorId, known, { strays: false }));
    }
    return this.#parts.store.read((r) => r.audit.verify(operatorId, start));
  }

  async start(operatorId: string): Promise<Link | undefined | "forged"> {
    const stored = await this.#parts.store.read((r) => r.audit.checkpoint(operatorId));
    if (!stored) return undefined;
    // A checkpoint that anybody is given is no leave to drop rows.
    const signed = await this.opened(operatorId, stored.jws, "audit-retention+jwt");
    const same = signed?.seq === stored.seq && signed.hash === stored.hash;
    return same ? { seq: stored.seq, hash: stored.hash } : "forged";
  }

  async opened(
    operatorId: string,
    checkpoint: string | undefined,
    type: "audit-checkpoint+jwt" | "audit-retention+jwt" = "audit-checkpoint+jwt",
  ): Promise<AuditCheckpoint | undefined> {
    if (checkpoint === undefined) return undefined;
    const findKey = (kid: string) => this.#parts.keys.find(kid);
    const opened = await openCheckpoint(checkpoint, findKey, type).catch(() => undefined);
    return opened?.operator_id === operatorId ? opened : undefined;
  }

  async head(operatorId: string): Promise<Link> {
    return (
      (await this.#parts.store.read((r) => r.audit.head(operatorId))) ?? {
        seq: 0,
        hash: GENESIS_HASH,
      }
    );
  }

  async sign(
    operatorId: string,
    { seq, hash }: Link,
    type: "audit-checkpoint+jwt" | "audit-retention+jwt" = "audit-checkpoint+jwt",
  ): Promise<string> {
    const { keys, issuer, clock } = this.#parts;
    const checkpoint = {
      iss: issuer(),
      iat: Math.floor(clock.now() / 1_000),
      operator_id: operatorId,
      seq,
      hash,
    };
    return signToken(type, checkpoint, await keys.active());
  }
}

export const DAMAGED = "audit-checkpoints.jsonl has a line that cannot be read";
