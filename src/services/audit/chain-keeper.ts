import type { CheckpointFile } from "../../../storage/checkpoint-file.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Chore } from "../chore.ts";
import type { ReceiptService } from "../receipts/receipt-service.ts";
import type { ChainParts } from "./chain-verifier.ts";
import { ChainVerifier, DAMAGED } from "./chain-verifier.ts";

export interface KeeperParts extends ChainParts {
  readonly receipts: ReceiptService;
  readonly file: CheckpointFile;
  /** Age from which rows may be dropped; undefined: never. */
  readonly retentionDays: number | undefined;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;

/**
 * Pins audit chains outside the database, and drops the rows that are older than the host's
 * retention.
 */
export class ChainKeeper {
  readonly chores: readonly Chore[] = [
    {
      name: "keep audit chains",
      everyMs: LIMITS.choreMs,
      firstAfterMs: 60_000,
      run: () => this.#keep(),
    },
  ];
  readonly #parts: KeeperParts;
  readonly #chains: ChainVerifier;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#chains = new ChainVerifier(parts);
  }

  /**
   * Signs the end of each chain into a file outside the database, after a walk over the rows added
   * since the last checkpoint. A chain that does not fit its last checkpoint keeps that checkpoint,
   * and the log says so.
   */
  async pin(): Promise<void> {
    const { store, file, log } = this.#parts;
    const { checkpoints: pinned, isDamaged } = file.read();
    if (isDamaged) return log.error({ file: file.path }, DAMAGED);
    const before = new Map(pinned);
    for (const operatorId of await store.read((r) => r.audit.chains())) {
      const known = await this.#chains.opened(operatorId, pinned.get(operatorId));
      if (!known && pinned.has(operatorId)) {
        log.error(
          { operator_id: operatorId },
          "the checkpoint of an audit chain is not this server's: it is left as it is",
        );
        continue;
      }
      const head = await this.#chains.head(operatorId);
      if (head.seq === 0 || known?.seq === head.seq) continue;
      const { problem } = await this.#chains.verifyFrom(operatorId, known);
      if (problem !== undefined)
        log.error(
          { operator_id: operatorId, problem },
          "the audit chain is broken: it is not pinned",
        );
      else pinned.set(operatorId, await this.#chains.sign(operatorId, head));
    }
    if ([...pinned].some(([operatorId, checkpoint]) => before.get(operatorId) !== checkpoint))
      file.write(pinned);
  }

  /** Drops rows older than the host's retention, each chain behind a signed checkpoint. */
  async dropOld(): Promise<void> {
    const { store, retentionDays, clock, log } = this.#parts;
    if (retentionDays === undefined) return;
    const before = clock.now() - retentionDays * DAY_MS;
    for (const operatorId of await store.read((r) => r.audit.chains())) {
      await this.#dropBefore(operatorId, before).catch((error: unknown) =>
        log.error(
          { err: error, operator_id: operatorId },
          "old rows of an audit chain could not be dropped",
        ),
      );
    }
  }

  /** Pins the chains, and then drops old rows: every row is pinned before it is dropped. */
  async #keep(): Promise<void> {
    await this.pin();
    await this.dropOld();
  }

  async #dropBefore(operatorId: string, before: number): Promise<void> {
    const { store, receipts } = this.#parts;
    const last = await store.read((r) => r.audit.lastBefore(operatorId, before));
    if (!last) return;
    const start = await this.#chains.start(operatorId);
    // What is broken stays as it is: it is evidence.
    if (
      start === "forged" ||
      (await store.read((r) => r.audit.verify(operatorId, start))).problem !== undefined
    )
      return;
    await receipts.signThrough(operatorId, last.seq);
    const jws = await this.#chains.sign(operatorId, last, "audit-retention+jwt");
    const { seq, hash } = last;
    await store.transact([operatorId], (t) =>
      t.audit.dropThrough({ operator_id: operatorId, seq, hash, jws }),
    );
  }
}
