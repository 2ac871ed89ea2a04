import { type FindKey, openToken, TokenError } from "./token.ts";

/**
 * Row `seq` of an operator's audit chain has this hash: a server's word, to be kept where the
 * server cannot reach.
 */
export interface AuditCheckpoint {
  readonly iss: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly operator_id: string;
  readonly seq: number;
  readonly hash: string;
}

/** Throws TokenError. */
export async function openCheckpoint(
  checkpoint: string,
  findKey: FindKey,
  type: "audit-checkpoint+jwt" | "audit-retention+jwt" = "audit-checkpoint+jwt",
): Promise<AuditCheckpoint> {
  const payload = await openToken(checkpoint, type, findKey);
  const { operator_id, seq, hash } = payload;
  const isWhole =
    typeof operator_id === "string" && Number.isSafeInteger(seq) && typeof hash === "string";
  if (!isWhole) throw new TokenError("claims", "The checkpoint lacks operator_id, seq or hash.");
  return payload as unknown as AuditCheckpoint;
}
