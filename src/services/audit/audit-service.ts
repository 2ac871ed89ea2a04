import type { CheckpointFile } from "../../../storage/checkpoint-file.ts";
import type { ChainReport, Link } from "../../../storage/repositories/audit.ts";
import {
  type AuditBody,
  type AuditRow,
  type ExportedEntry,
  exportedEntry,
} from "../../domain/audit/audit.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { invalidRequest } from "../../shared/errors.ts";
import type { ChainParts } from "./chain-verifier.ts";
import { ChainVerifier, DAMAGED } from "./chain-verifier.ts";

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

export interface AuditParts extends ChainParts {
  readonly file: CheckpointFile;
}
const EXPORT_ROWS = 50_000;
const EXPORT_PAGE = 1_000;

/**
 * The audit log, one hash chain for each operator: queried, verified, and exported with a signed
 * checkpoint.
 */
export class AuditService {
  readonly #parts: AuditParts;
  readonly #chains: ChainVerifier;

  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.#chains = new ChainVerifier(parts);
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
    const head = await this.#chains.head(operatorId);
    return {
      operator_id: operatorId,
      ...head,
      checkpoint: await this.#chains.sign(operatorId, head),
    };
  }

  /** Walks the operator's own chain. */
  async verifyOwn({ operatorId }: Caller) {
    const { rows, problem } = await this.#chains.verify(
      operatorId,
      this.#parts.file.read().checkpoints.get(operatorId),
    );
    return { valid: problem === undefined, rows, problem };
  }

  /** Walks every chain. A report with a `problem` names the first row that is wrong. */
  async verify(): Promise<ChainReport[]> {
    const { checkpoints: pinned, isDamaged } = this.#parts.file.read();
    const chains = await this.#parts.store.read((r) => r.audit.chains());
    const reports: ChainReport[] = isDamaged
      ? [{ operatorId: "audit-checkpoints.jsonl", rows: 0, problem: DAMAGED }]
      : [];
    for (const operatorId of new Set([...chains, ...pinned.keys()]))
      reports.push(await this.#chains.verify(operatorId, pinned.get(operatorId)));
    return reports.sort((a, b) => (a.operatorId < b.operatorId ? -1 : 1));
  }

  /**
   * Yields an operator's rows in order, as they are hashed, at most 50,000; after the last row a
   * signed checkpoint of that row. Throws INVALID_REQUEST for an invalid range.
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
    if (last) yield { checkpoint: await this.#chains.sign(operatorId, last) };
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
  throw invalidRequest(field, `${field} must be an ISO 8601 time.`);
}
