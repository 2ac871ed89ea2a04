import { brokenLink, GENESIS_HASH, rowOfExport } from "../domain/audit/audit.ts";
import { type AuditCheckpoint, openCheckpoint } from "./checkpoint-token.ts";
import type { FindKey } from "./token.ts";

export interface ExportReport {
  readonly rows: number;
  readonly operator_id: string | undefined;
  /**
   * Of the first row and the last. Rows before the first are not in the export: nothing is said of
   * them.
   */
  readonly from_seq: number | undefined;
  readonly to_seq: number | undefined;
  /** The state of the server's signature on the last row. */
  readonly checkpoint: "good" | "missing" | "not_checked";
  /** The problem of the first row that is wrong. */
  readonly problem: string | undefined;
}

/**
 * Walks an export of an audit chain (JSON lines) without a database. With keys the signed
 * checkpoint at its end is checked too: without one nobody can say that rows at the end are not
 * missing.
 */
export async function verifyExport(
  text: string,
  findKey: FindKey | undefined,
): Promise<ExportReport> {
  const lines = text
    .replace(/^\ufeff/, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const places = placesOf(lines);
  let last: { readonly seq: number; readonly hash: string } | undefined;
  let operator: string | undefined;
  let first: number | undefined;
  let signed: string | undefined;
  let rows = 0;
  const report = (
    problem: string | undefined,
    checkpoint: ExportReport["checkpoint"] = "missing",
  ): ExportReport => ({
    rows,
    operator_id: operator,
    from_seq: first,
    to_seq: last?.seq,
    checkpoint,
    problem,
  });
  for (const [index, line] of lines.entries()) {
    const entry = parsed(line);
    if (signed !== undefined) return report(`line ${index + 1} comes after the checkpoint`);
    if (typeof entry?.checkpoint === "string") {
      signed = entry.checkpoint;
      continue;
    }
    const row = rowOfExport(entry);
    if (!row) return report(`line ${index + 1} is no entry`);
    operator ??= row.operatorId;
    if (row.operatorId !== operator) return report(`line ${index + 1} is of another chain`);
    const misplaced = last && misplacedRow(row.seq, last.seq, index, places);
    if (misplaced !== undefined) return report(misplaced);
    const prevHash = last?.hash ?? (row.seq === 1 ? GENESIS_HASH : String(entry?.prev_hash));
    const problem = brokenLink(row, { seq: last ? last.seq + 1 : row.seq, prevHash });
    if (problem !== undefined) return report(problem);
    first ??= row.seq;
    last = { seq: row.seq, hash: row.hash };
    rows++;
  }
  if (rows === 0) return report("there is no row in it: nothing was checked");
  if (signed === undefined) return report(undefined);
  if (!findKey) return report(undefined, "not_checked");
  return report(await checkpointProblem(signed, findKey, { operator, ...last }), "good");
}

/** The first line of each row. */
function placesOf(lines: readonly string[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const seq = parsed(line)?.seq;
    if (typeof seq === "number" && !places.has(seq)) places.set(seq, index);
  }
  return places;
}

/**
 * A row that is in the export, and not where it belongs. One that is nowhere is missing, which its
 * neighbours tell.
 */
function misplacedRow(
  seq: number,
  lastSeq: number,
  index: number,
  places: ReadonlyMap<number, number>,
): string | undefined {
  const earlier = places.get(seq) ?? index;
  if (earlier < index) return `row ${seq} is there twice, in lines ${earlier + 1} and ${index + 1}`;
  const missing = places.get(lastSeq + 1);
  const isLater = seq !== lastSeq + 1 && missing !== undefined && missing > index;
  if (isLater || seq < lastSeq)
    return `row ${seq} is out of order, in line ${index + 1} behind row ${lastSeq}`;
  return undefined;
}

async function checkpointProblem(
  signed: string,
  findKey: FindKey,
  end: { readonly operator: string | undefined; readonly seq?: number; readonly hash?: string },
): Promise<string | undefined> {
  let checkpoint: AuditCheckpoint;
  try {
    checkpoint = await openCheckpoint(signed, findKey);
  } catch (error) {
    return `the checkpoint at the end does not hold: ${(error as Error).message}`;
  }
  if (checkpoint.operator_id !== end.operator)
    return "the checkpoint at the end is of another chain";
  if (checkpoint.seq === end.seq && checkpoint.hash === end.hash) return undefined;
  return `the checkpoint at the end is of row ${checkpoint.seq}, but the last row here is ${end.seq}`;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
