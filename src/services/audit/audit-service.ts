import type { CheckpointFile } from "../../../storage/checkpoint-file.ts";
import type { ChainReport, Link } from "../../../storage/repositories/audit.ts";
import type { Store } from "../../../storage/store.ts";
import {
  type AuditBody,
  type AuditRow,
  type ExportedEntry,
  exportedEntry,
  GENESIS_HASH,
} from "../../domain/audit/audit.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import { type AuditCheckpoint, openCheckpoint } from "../../tokens/checkpoint-token.ts";
import { signToken } from "../../tokens/token.ts";
import type { Chore } from "../chore.ts";
import type { ReceiptService } from "../receipts/receipt-service.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";

export interface AuditQuery {
  readonly limit: number;
  /** Epoch milliseconds; only later rows. */
  readonly since?: number | undefined;
  readonly agent_id?: string | undefined;
  readonly passport_jti?: string | undefined;
  readonly before_seq?: number | undefined;
}

export interface ExportRange {
  /** Inclusive, ISO 8601. */
  readonly from?: string | undefined;
  /** Exclusive, ISO 8601. */
  readonly to?: string | undefined;
  readonly afterSeq?: number | undefined;
}

export interface AuditParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly receipts: ReceiptService;
  readonly file: CheckpointFile;
  readonly issuer: () => string;
  /** Rows older than this may go; undefined: never. */
  readonly retentionDays: number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAMAGED = "audit-checkpoints.jsonl has a line that cannot be read";
const EXPORT_ROWS = 50_000;
const EXPORT_PAGE = 1_000;
const DAY_MS = 86_400_000;

/** What happened, in one hash chain for each operator: asked, walked, taken away, and pinned by signed checkpoints. */
export class AuditService {
  readonly chores: readonly Chore[] = [
    {
      name: "keep audit chains",
      everyMs: LIMITS.choreMs,
      firstAfterMs: 60_000,
      run: () => this.#keep(),
    },
  ];
  readonly #parts: AuditParts;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /** The operator's own rows, newest first. */
  async query(caller: Caller, query: AuditQuery) {
    const {
      agent_id: agentId,
      passport_jti: passportJti,
      since,
      before_seq: beforeSeq,
      limit,
    } = query;
    const filter = { operatorId: caller.operatorId, agentId, passportJti, since, beforeSeq, limit };
    const found = await this.#parts.store.read((r) => r.audit.query(filter));
    const entries = found.slice(0, limit).map(viewOf);
    const [newest] = entries;
    const next = found.length > limit ? { next_before_seq: entries.at(-1)?.seq ?? 0 } : {};
    return {
      entries,
      max_timestamp: newest ? Date.parse(newest.timestamp) : (since ?? null),
      ...next,
    };
  }

  /** The last row of the operator's chain, and the server's signature on it. */
  async head({ operatorId }: Caller) {
    const head = await this.#headOf(operatorId);
    return { operator_id: operatorId, ...head, checkpoint: await this.#sign(operatorId, head) };
  }

  /** Walks the operator's own chain. */
  async verifyOwn({ operatorId }: Caller) {
    const { rows, problem } = await this.#verify(
      operatorId,
      this.#parts.file.read().checkpoints.get(operatorId),
    );
    return { valid: problem === undefined, rows, ...(problem === undefined ? {} : { problem }) };
  }

  /** Walks every chain. A report with a `problem` names the first row that is wrong. */
  async verify(): Promise<ChainReport[]> {
    const { checkpoints: pinned, isDamaged } = this.#parts.file.read();
    const chains = await this.#parts.store.read((r) => r.audit.chains());
    const reports: ChainReport[] = isDamaged
      ? [{ operatorId: "audit-checkpoints.jsonl", rows: 0, problem: DAMAGED }]
      : [];
    for (const operatorId of new Set([...chains, ...pinned.keys()]))
      reports.push(await this.#verify(operatorId, pinned.get(operatorId)));
    return reports.sort((a, b) => (a.operatorId < b.operatorId ? -1 : 1));
  }

  /**
   * An operator's rows in order, as they are hashed, at most 50,000; and at the end, where rows were given, a signed
   * checkpoint of the last one. Throws INVALID_REQUEST for a range that is none.
   */
  async *export(
    operatorId: string,
    range: ExportRange,
  ): AsyncGenerator<ExportedEntry | { readonly checkpoint: string }> {
    const [from, to] = [timeOf("from", range.from), timeOf("to", range.to)];
    let last: Link | undefined;
    let seq = range.afterSeq ?? 0;
    for (let given = 0; given < EXPORT_ROWS; ) {
      const page = await this.#parts.store.read((r) =>
        r.audit.rowsAfter(operatorId, seq, EXPORT_PAGE),
      );
      for (const row of page) {
        ({ seq } = row);
        const entry = exportedEntry(row);
        const time = Date.parse(String(entry.timestamp));
        if ((from !== undefined && time < from) || (to !== undefined && time >= to)) continue;
        if (given === EXPORT_ROWS) break;
        given++;
        last = row;
        yield entry;
      }
      if (page.length < EXPORT_PAGE) break;
    }
    if (last) yield { checkpoint: await this.#sign(operatorId, last) };
  }

  /**
   * Signs where each chain ends into a file outside the database, once what was added since the last time has been walked.
   * A chain that no longer fits its last checkpoint keeps that one, and the log says so.
   */
  async pin(): Promise<void> {
    const { store, file, log } = this.#parts;
    const { checkpoints: pinned, isDamaged } = file.read();
    if (isDamaged) return log.error({ file: file.path }, DAMAGED);
    const before = new Map(pinned);
    for (const operatorId of await store.read((r) => r.audit.chains())) {
      const known = await this.#opened(operatorId, pinned.get(operatorId));
      if (!known && pinned.has(operatorId)) {
        log.error(
          { operator_id: operatorId },
          "the checkpoint of an audit chain is not this server's: it is left as it is",
        );
        continue;
      }
      const head = await this.#headOf(operatorId);
      if (head.seq === 0 || known?.seq === head.seq) continue;
      const { problem } = await this.#verifyFrom(operatorId, known);
      if (problem !== undefined)
        log.error(
          { operator_id: operatorId, problem },
          "the audit chain is broken: it is not pinned",
        );
      else pinned.set(operatorId, await this.#sign(operatorId, head));
    }
    if ([...pinned].some(([operatorId, checkpoint]) => before.get(operatorId) !== checkpoint))
      file.write(pinned);
  }

  /** Drops rows that are older than the host keeps them, each chain behind a signed checkpoint. */
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

  /** Pins the chains, and then drops old rows: every row is pinned before it goes. */
  async #keep(): Promise<void> {
    await this.pin();
    await this.dropOld();
  }

  async #dropBefore(operatorId: string, before: number): Promise<void> {
    const { store, receipts } = this.#parts;
    const last = await store.read((r) => r.audit.lastBefore(operatorId, before));
    if (!last) return;
    const start = await this.#start(operatorId);
    // What is broken stays as it is: it is evidence.
    if (
      start === "forged" ||
      (await store.read((r) => r.audit.verify(operatorId, start))).problem !== undefined
    )
      return;
    await receipts.signThrough(operatorId, last.seq);
    const jws = await this.#sign(operatorId, last, "audit-retention+jwt");
    const { seq, hash } = last;
    await store.transact([operatorId], (t) =>
      t.audit.dropThrough({ operator_id: operatorId, seq, hash, jws }),
    );
  }

  async #verify(operatorId: string, pinned: string | undefined): Promise<ChainReport> {
    const report = await this.#verifyFrom(operatorId);
    if (report.problem !== undefined || pinned === undefined) return report;
    const known = await this.#opened(operatorId, pinned);
    if (!known)
      return {
        ...report,
        problem: "the checkpoint in audit-checkpoints.jsonl is not one that this server signed",
      };
    const row = await this.#parts.store.read((r) => r.audit.find(operatorId, known.seq));
    const dropped = await this.#start(operatorId);
    if (!row && dropped !== "forged" && dropped && dropped.seq >= known.seq) return report;
    if (!row)
      return {
        ...report,
        problem: `row ${known.seq} is gone, of which there is a signed checkpoint: the chain was truncated`,
      };
    if (row.hash === known.hash) return report;
    return {
      ...report,
      problem: `row ${known.seq} is not the one of the signed checkpoint: the chain was rewritten`,
    };
  }

  /** From where rows were dropped, or from a row that was walked to before. */
  async #verifyFrom(operatorId: string, known?: Link): Promise<ChainReport> {
    const dropped = await this.#start(operatorId);
    if (dropped === "forged") {
      return {
        operatorId,
        rows: 0,
        problem: "the checkpoint behind which rows were dropped is not one that this server signed",
      };
    }
    const start = known && (!dropped || known.seq > dropped.seq) ? known : dropped;
    if (known && start === known) {
      const row = await this.#parts.store.read((r) => r.audit.find(operatorId, known.seq));
      if (row?.hash !== known.hash)
        return {
          operatorId,
          rows: 0,
          problem: `row ${known.seq} is not the one of its checkpoint`,
        };
      return this.#parts.store.read((r) => r.audit.verify(operatorId, known, { strays: false }));
    }
    return this.#parts.store.read((r) => r.audit.verify(operatorId, start));
  }

  async #start(operatorId: string): Promise<Link | undefined | "forged"> {
    const stored = await this.#parts.store.read((r) => r.audit.checkpoint(operatorId));
    if (!stored) return undefined;
    // A checkpoint that anybody is given is no leave to drop rows.
    const signed = await this.#opened(operatorId, stored.jws, "audit-retention+jwt");
    const same = signed?.seq === stored.seq && signed.hash === stored.hash;
    return same ? { seq: stored.seq, hash: stored.hash } : "forged";
  }

  async #opened(
    operatorId: string,
    checkpoint: string | undefined,
    type: "audit-checkpoint+jwt" | "audit-retention+jwt" = "audit-checkpoint+jwt",
  ): Promise<AuditCheckpoint | undefined> {
    if (checkpoint === undefined) return undefined;
    const findKey = (kid: string) => this.#parts.keys.find(kid);
    const opened = await openCheckpoint(checkpoint, findKey, type).catch(() => undefined);
    return opened?.operator_id === operatorId ? opened : undefined;
  }

  async #headOf(operatorId: string): Promise<Link> {
    return (
      (await this.#parts.store.read((r) => r.audit.head(operatorId))) ?? {
        seq: 0,
        hash: GENESIS_HASH,
      }
    );
  }

  async #sign(
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

/** A row with the published names. */
function viewOf({ body, hash, seq }: AuditRow) {
  const entry = JSON.parse(body) as AuditBody;
  return {
    entry_id: entry.entry_id,
    seq,
    timestamp: entry.timestamp,
    trace_id: null,
    operator_id: entry.operator_id,
    agent_id: entry.agent_id,
    passport_jti: entry.passport_jti ?? null,
    layer: entry.layer,
    action: entry.action,
    outcome: entry.outcome,
    duration_ms: null,
    error_code: entry.error_code,
    error_message: null,
    details: entry.details,
    prev_entry_hash: entry.prev_hash,
    entry_hash: hash,
  };
}

function timeOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time;
  throw new DomainError("INVALID_REQUEST", `${field} must be an ISO 8601 time.`, { field });
}
