import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { isTerminal } from "../../domain/runs/invocation.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { canonicalJson, type Json, sha256Hex } from "../../shared/json.ts";
import { openToken, signToken } from "../../tokens/token.ts";
import { canAccess } from "../auth/invocation-access.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";

export interface ReceiptParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly issuer: () => string;
  readonly clock: Clock;
}

/**
 * Receipts: a signed statement of an invocation's end and its money, for a reader who does not
 * trust this server.
 */
export class ReceiptService {
  readonly #parts: ReceiptParts;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  /**
   * Returns the receipt of a purchase; it is signed at the first request and never changes. Throws
   * INVOCATION_NOT_FOUND, INVOCATION_NOT_OPEN before the end, NOT_FOUND for an invocation older
   * than receipts, INTERNAL when the stored facts differ from the audit log.
   */
  async get(caller: Caller, invocationId: string) {
    const { store, keys } = this.#parts;
    const { facts, jws, row, isDropped } = await store.read(async (r) => {
      const invocation = isId("sinv", invocationId)
        ? await r.invocations.find(invocationId)
        : undefined;
      if (invocation?.buyer_id !== caller.operatorId || !canAccess(caller, invocation)) {
        throw new DomainError("INVOCATION_NOT_FOUND");
      }
      if (!isTerminal(invocation.status)) {
        const { status } = invocation;
        throw new DomainError(
          "INVOCATION_NOT_OPEN",
          "The invocation is not over: it has a receipt after its end.",
          {
            status,
          },
        );
      }
      const stored = await r.receipts.find(invocationId);
      if (!stored)
        throw new DomainError("NOT_FOUND", "The invocation ended before receipts were kept.");
      const row = await r.audit.find(caller.operatorId, stored.audit_seq);
      const dropped = await r.audit.checkpoint(caller.operatorId);
      return {
        ...stored,
        row,
        isDropped: dropped !== undefined && dropped.seq >= stored.audit_seq,
      };
    });
    // Before rows of the log are dropped, the receipts that they vouch for are signed.
    if (!isDropped || jws === null) requireUntouched(facts, row);
    const stored = JSON.parse(facts) as Record<string, Json>;
    const receipt = jws ?? (row ? await this.#sign(invocationId, stored, row) : "");
    const signed = await openToken(receipt, "receipt+jwt", (kid) => keys.find(kid)).catch(
      () => undefined,
    );
    const { iss: _iss, iat: _iat, audit: _audit, ...same } = signed ?? {};
    if (canonicalJson(same) !== facts) throw altered();
    return { invocation_id: invocationId, receipt, claims: signed as Record<string, unknown> };
  }

  /** Signs what is not signed yet up to a row of an operator's chain, which may go then. */
  async signThrough(operatorId: string, seq: number): Promise<void> {
    const { store } = this.#parts;
    for (;;) {
      const unsigned = await store.read((r) =>
        r.receipts.listUnsigned(operatorId, seq, SIGNED_AT_ONCE),
      );
      if (unsigned.length === 0) return;
      for (const { invocation_id, facts, audit_seq } of unsigned) {
        const row = await store.read((r) => r.audit.find(operatorId, audit_seq));
        requireUntouched(facts, row);
        await this.#sign(invocation_id, JSON.parse(facts) as Record<string, Json>, row);
      }
    }
  }

  async #sign(invocationId: string, facts: Record<string, Json>, row: AuditPlace): Promise<string> {
    const { store, keys, issuer, clock } = this.#parts;
    const audit = { operator_id: row.operatorId, seq: row.seq, entry_hash: row.hash };
    const payload = { iss: issuer(), iat: Math.floor(clock.now() / 1_000), ...facts, audit };
    const jws = await signToken("receipt+jwt", payload, await keys.active());
    await store.transact([], (t) => t.receipts.sign(invocationId, jws));
    return (await store.read((r) => r.receipts.find(invocationId)))?.jws ?? jws;
  }
}

const SIGNED_AT_ONCE = 100;

interface AuditPlace {
  readonly operatorId: string;
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

/** The facts were sealed into the log in the transaction that ended the invocation. */
function requireUntouched(facts: string, row: AuditPlace | undefined): asserts row is AuditPlace {
  if (!row || sha256Hex(row.body) !== row.hash) throw altered();
  const { details } = JSON.parse(row.body) as { details?: { receipt_digest?: unknown } };
  if (details?.receipt_digest !== `sha256:${sha256Hex(facts)}`) throw altered();
}

function altered(): DomainError {
  const message =
    "The stored receipt differs from the audit log: the database was changed. `stack-mcp audit verify` shows more.";
  return new DomainError("INTERNAL", message);
}
