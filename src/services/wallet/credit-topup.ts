import type { Topup } from "../../../storage/repositories/topups.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import { DomainError } from "../../shared/errors.ts";

/** Credits a pending top-up. A refund refers to `paymentRef`. */
export async function creditTopup(
  t: Transaction,
  topup: Topup,
  via: "page" | "command" | "webhook",
  paymentRef?: string,
): Promise<void> {
  const { id, operator_id: operatorId, processor, amount_cents: amountCents } = topup;
  if (!(await t.topups.markPaid(id, `${processor}:${paymentRef ?? id}`, paymentRef ?? null)))
    throw new DomainError("BUSY");
  const movement = { ref: id, operatorId, processor, amountCents };
  await t.ledger.record(
    { kind: "topup", ...movement },
    {
      operatorId,
      action: "wallet.topup",
      outcome: "success",
      details: { topup_id: id, amount_cents: amountCents, processor, via },
    },
  );
  // A company pays out to the bank when it likes: until then it owes the money.
  if (processor === "local") await t.ledger.record({ kind: "topup_cleared", ...movement });
}
