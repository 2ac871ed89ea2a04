import { assert } from "../../shared/errors.ts";
import { canonicalJson, type JsonObject, sha256Hex } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { AUDIT_ACTIONS, type AuditAction } from "./audit-actions.ts";

type AuditOutcome = "success" | "failure" | "pending" | "blocked";

/** An event without content: ids, cents, counts and digests. */
export interface AuditEvent {
  readonly operatorId: string;
  /** Says in which layer it happened, and which fields the details may have. */
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly agentId?: string | undefined;
  readonly passportJti?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly details?: JsonObject;
}

export interface AuditRow {
  readonly operatorId: string;
  readonly seq: number;
  /**
   * RFC 8785 bytes of every field, the previous hash among them. Stored as they are, so verifying
   * never re-serialises.
   */
  readonly body: string;
  readonly hash: string;
}

/** The body of a row. Rows that were written before there were passports name none. */
export interface AuditBody {
  readonly entry_id: string;
  readonly seq: number;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly operator_id: string;
  readonly agent_id: string | null;
  readonly passport_jti?: string | null;
  readonly layer: string;
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly error_code: string | null;
  readonly details: JsonObject;
  readonly prev_hash: string;
}

export const GENESIS_HASH = "0".repeat(64);

/**
 * The next row of an operator's chain. `prevHash` is GENESIS_HASH for the first row, whose seq is
 * 1.
 */
export function chainRow(
  event: AuditEvent,
  link: {
    readonly entryId: string;
    readonly seq: number;
    readonly timestamp: string;
    readonly prevHash: string;
  },
): AuditRow {
  const { action, details = {} } = event;
  const { layer, details: known } = AUDIT_ACTIONS[action];
  const unknown = Object.keys(details).find((field) => !known.includes(field));
  assert(
    unknown === undefined,
    `audit-actions.ts does not list ${unknown} among the details of ${action}`,
  );
  const body = canonicalJson({
    entry_id: link.entryId,
    seq: link.seq,
    timestamp: link.timestamp,
    operator_id: event.operatorId,
    agent_id: event.agentId ?? null,
    passport_jti: event.passportJti ?? null,
    layer,
    action,
    outcome: event.outcome,
    error_code: event.errorCode ?? null,
    details,
    prev_hash: link.prevHash,
  });
  assert(Buffer.byteLength(body) <= LIMITS.auditBodyBytes, "an audit body stays small");
  return { operatorId: event.operatorId, seq: link.seq, body, hash: sha256Hex(body) };
}

/** Returns why a row does not continue its chain; undefined when it does. */
export function brokenLink(
  row: AuditRow,
  expected: { readonly seq: number; readonly prevHash: string },
): string | undefined {
  if (row.seq !== expected.seq) return `row ${expected.seq} is missing`;
  if (sha256Hex(row.body) !== row.hash)
    return `row ${row.seq} was altered: its hash does not match its body`;
  const fields = fieldsOf(row.body);
  if (fields.prev_hash !== expected.prevHash)
    return `row ${row.seq} does not follow the row before it`;
  if (fields.seq !== row.seq || fields.operator_id !== row.operatorId)
    return `row ${row.seq} was moved from elsewhere`;
  return undefined;
}

/** A row as an export has it: the fields of its body, and its hash. */
export type ExportedEntry = JsonObject & { readonly entry_hash: string };

export function exportedEntry({ body, hash }: AuditRow): ExportedEntry {
  return { ...(JSON.parse(body) as JsonObject), entry_hash: hash };
}

/** The row that an exported entry was; undefined for what is none. */
export function rowOfExport(entry: unknown): AuditRow | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { entry_hash: hash, ...fields } = entry as Record<string, unknown>;
  const { operator_id: operatorId, seq } = fields;
  if (typeof hash !== "string" || typeof operatorId !== "string" || typeof seq !== "number")
    return undefined;
  return { operatorId, seq, body: canonicalJson(fields), hash };
}

function fieldsOf(body: string): { prev_hash?: unknown; seq?: unknown; operator_id?: unknown } {
  try {
    return (JSON.parse(body) ?? {}) as object;
  } catch {
    return {};
  }
}
