import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Split } from "../../domain/money/money.ts";
import { splitPart } from "../../domain/runs/receipt.ts";
import { isoTime } from "../../shared/clock.ts";
import { assert } from "../../shared/errors.ts";
import { canonicalJson, type Json, sha256Hex } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";

/**
 * The facts of an invocation that is over, and the digest that the audit row of its end carries.
 */
export interface ReceiptFacts {
  readonly text: string;
  readonly digest: string;
}

/** The facts of an end, as its row now is. */
export async function receiptFacts(
  t: Transaction,
  invocation: Invocation,
  settled?: { readonly split: Split; readonly txId: string },
): Promise<ReceiptFacts> {
  const hold = await t.ledger.findHold(invocation.id);
  assert(hold, "every invocation has a hold");
  const version = await t.skills.versionName(invocation.version_id);
  const time = (value: number | null) => (value === null ? null : isoTime(value));
  const text = canonicalJson({
    invocation_id: invocation.id,
    status: invocation.status,
    verdict: invocation.verdict,
    operator_id: invocation.buyer_id,
    publisher_id: invocation.publisher_id,
    agent_id: invocation.agent_id,
    passport_jti: invocation.passport_id,
    session_id: invocation.session_id,
    skill_id: invocation.skill_id,
    version: version.version,
    digest: version.digest,
    execution_mode: invocation.execution_mode,
    input_digest: invocation.input_digest,
    output_digest: invocation.output_digest,
    limits: {
      step_ms: LIMITS.stepTimeoutMs,
      total_ms: LIMITS.invocationTotalMs,
      memory_mb: LIMITS.guestMemoryMb,
      output_bytes: LIMITS.outputBytes,
    },
    usage: invocation.usage === null ? null : (JSON.parse(invocation.usage) as Json),
    isolation: invocation.isolation,
    stand_in: invocation.stand_in === 1,
    money: {
      hold: hold.id,
      hold_cents: hold.amount_cents,
      ledger_tx: settled?.txId ?? null,
      compute_micro_usd: invocation.compute_micro_usd,
      ...splitPart(settled?.split),
    },
    created_at: isoTime(invocation.created_at),
    started_at: time(invocation.started_at),
    completed_at: time(invocation.completed_at),
  });
  return { text, digest: `sha256:${sha256Hex(text)}` };
}
