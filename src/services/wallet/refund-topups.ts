import type { Topup } from "../../../storage/repositories/topups.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";

export interface RefundRequest {
  readonly topup_id?: string | undefined;
  readonly amount_cents?: number | undefined;
  /** Everything, where neither a top-up nor an amount is named. */
  readonly all?: boolean | undefined;
}

export async function refundIn(
  t: Transaction,
  caller: Caller,
  request: RefundRequest,
): Promise<string> {
  const { operatorId } = caller;
  const { topup_id, amount_cents, all } = request;
  if (all === true && amount_cents !== undefined)
    throw amountRequired("amount_cents and all: true exclude each other.");
  if (topup_id !== undefined) await requireOwnTopup(t, operatorId, topup_id);
  const { balanceCents } = await t.ledger.balanceOf(operatorId);
  const topups = await t.topups.listRefundable(operatorId, topup_id);
  const refundableCents = Math.min(
    balanceCents,
    topups.reduce((sum, topup) => sum + remainderOf(topup), 0),
  );
  if (refundableCents > 0 && topup_id === undefined && amount_cents === undefined && all !== true)
    throw amountRequired(`Up to ${refundableCents} cents can be refunded.`, refundableCents);
  const requestedCents = amount_cents ?? refundableCents;
  if (refundableCents === 0 || requestedCents > refundableCents) throw nothingLeft(refundableCents);
  const requestId = newId("rfd");
  let left = requestedCents;
  for (const topup of topups) {
    const amountCents = Math.min(left, remainderOf(topup));
    if (amountCents > 0) await refundPart(t, requestId, topup, amountCents);
    left -= amountCents;
  }
  return requestId;
}

async function refundPart(
  t: Transaction,
  requestId: string,
  topup: Topup,
  amountCents: number,
): Promise<void> {
  const id = newId("rfd");
  const { operator_id: operatorId, processor } = topup;
  await t.topups.insertRefund({
    id,
    request_id: requestId,
    topup_id: topup.id,
    amount_cents: amountCents,
  });
  const movement = { ref: id, operatorId, processor, amountCents };
  await t.ledger.record(
    { kind: "refund", ...movement },
    {
      operatorId,
      action: "wallet.refund",
      outcome: "success",
      details: { refund_id: id, topup_id: topup.id, amount_cents: amountCents, processor },
    },
  );
  if (processor === "local") await t.ledger.record({ kind: "refund_cleared", ...movement });
}

async function requireOwnTopup(t: Transaction, operatorId: string, topupId: string): Promise<void> {
  const found = isId("tup", topupId) ? await t.topups.find(topupId) : undefined;
  if (found?.operator_id !== operatorId)
    throw new DomainError("NOT_FOUND", "There is no such top-up of yours.");
}

function remainderOf(topup: Topup): number {
  return topup.amount_cents - topup.refunded_cents;
}

/** Returns the error for a refund without an amount: only `all: true` empties the wallet. */
function amountRequired(why: string, maxCents?: number): DomainError {
  const message = `${why} Give amount_cents, all: true, or one topup_id.`;
  const details = {
    field: "amount_cents",
    ...(maxCents === undefined ? {} : { refundable_cents: maxCents }),
  };
  return new DomainError("INVALID_REQUEST", message, details);
}

function nothingLeft(maxCents: number): DomainError {
  const message =
    maxCents === 0
      ? "Nothing can be refunded: no part of a top-up of the last 30 days is unused and free of holds."
      : `amount_cents must be at most ${maxCents}: that much of the top-ups of the last 30 days is unused and free of holds.`;
  return new DomainError("INVALID_REQUEST", message, {
    field: "amount_cents",
    refundable_cents: maxCents,
  });
}
