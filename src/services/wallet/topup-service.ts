import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import type { Topup } from "../../../storage/repositories/topups.ts";
import type { Reader, Store, Transaction } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import type { PaymentProcessor } from "../../payments/processor.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";

export interface RefundRequest {
  readonly topup_id?: string | undefined;
  readonly amount_cents?: number | undefined;
}

/** Money into wallets and back out, through a payment processor. */
export class TopupService {
  readonly #store: Store;
  readonly #processor: PaymentProcessor | undefined;
  readonly #clock: Clock;

  constructor(store: Store, processor: PaymentProcessor | undefined, clock: Clock) {
    this.#store = store;
    this.#processor = processor;
    this.#clock = clock;
  }

  /** Opens a payment of `amount_cents`. Throws PAYMENTS_UNAVAILABLE, or RATE_LIMITED when many are open. */
  async open(caller: Caller, amountCents: number, key: IdempotencyKey | undefined) {
    const processor = requireProcessor(this.#processor);
    const id = await this.#store.transact(async (t) => {
      const known = key && (await t.idempotency.find(key));
      if (known) return known;
      if ((await t.topups.countPending(caller.operatorId)) >= LIMITS.openTopups) {
        throw new DomainError("RATE_LIMITED", "You have many open top-ups: pay one, or wait until they expire.");
      }
      const topupId = newId("tup");
      const { operatorId } = caller;
      const { name } = processor;
      await t.topups.insert({ id: topupId, operator_id: operatorId, amount_cents: amountCents, processor: name });
      if (key) await t.idempotency.insert(key, topupId);
      const details = { topup_id: topupId, amount_cents: amountCents };
      await t.audit.append({ operatorId, layer: "wallet", action: "wallet.topup", outcome: "pending", details });
      return topupId;
    });
    return this.#store.read((r) => sessionOf(r, id, processor, this.#clock()));
  }

  /**
   * Gives back what is left of top-ups of the last 30 days, newest first: grants and older money count as spent first.
   * Throws INVALID_REQUEST when there is less than asked for, NOT_FOUND for a foreign top-up.
   */
  async refund(caller: Caller, request: RefundRequest, key: IdempotencyKey | undefined) {
    const requestId = await this.#store.transact(async (t) => {
      const known = key && (await t.idempotency.find(key));
      if (known) return known;
      const id = await refundIn(t, caller, request);
      if (key) await t.idempotency.insert(key, id);
      return id;
    });
    return this.#store.read(async (r) => {
      const refunds = await r.topups.refundsOf(requestId);
      const { balanceCents } = await r.ledger.balanceOf(caller.operatorId);
      return {
        refunded_cents: refunds.reduce((sum, refund) => sum + refund.amount_cents, 0),
        balance_cents: balanceCents,
        refunds: refunds.map(({ id, topup_id, amount_cents, processor }) => ({
          id,
          topup_id,
          amount_cents,
          processor,
        })),
      };
    });
  }
}

/** Takes a payment at the word of whoever runs this machine. An open session of this amount is the one that is paid. */
export async function payLocally(t: Transaction, operatorId: string, amountCents: number): Promise<void> {
  const open = await t.topups.findPending(operatorId, amountCents);
  const id = open?.id ?? newId("tup");
  const processor = "local";
  if (!open) await t.topups.insert({ id, operator_id: operatorId, amount_cents: amountCents, processor });
  if (!(await t.topups.markPaid(id, `${processor}:${id}`))) throw new DomainError("BUSY");
  const movement = { ref: id, operatorId, processor, amountCents };
  await t.ledger.record(
    { kind: "topup", ...movement },
    {
      operatorId,
      layer: "wallet",
      action: "wallet.topup",
      outcome: "success",
      details: { topup_id: id, amount_cents: amountCents, processor },
    },
  );
  await t.ledger.record({ kind: "topup_cleared", ...movement });
}

async function refundIn(t: Transaction, caller: Caller, { topup_id, amount_cents }: RefundRequest): Promise<string> {
  const { operatorId } = caller;
  if (topup_id !== undefined) await requireOwnTopup(t, operatorId, topup_id);
  const { balanceCents } = await t.ledger.balanceOf(operatorId);
  const topups = await t.topups.listRefundable(operatorId, topup_id);
  const most = Math.min(
    balanceCents,
    topups.reduce((sum, topup) => sum + remainderOf(topup), 0),
  );
  const wished = amount_cents ?? most;
  if (most === 0 || wished > most) throw nothingLeft(most);
  const requestId = newId("rfd");
  let left = wished;
  for (const topup of topups) {
    const amountCents = Math.min(left, remainderOf(topup));
    if (amountCents > 0) await refundPart(t, requestId, topup, amountCents);
    left -= amountCents;
  }
  return requestId;
}

async function refundPart(t: Transaction, requestId: string, topup: Topup, amountCents: number): Promise<void> {
  const id = newId("rfd");
  const { operator_id: operatorId, processor } = topup;
  await t.topups.insertRefund({ id, request_id: requestId, topup_id: topup.id, amount_cents: amountCents });
  const movement = { ref: id, operatorId, processor, amountCents };
  await t.ledger.record(
    { kind: "refund", ...movement },
    {
      operatorId,
      layer: "wallet",
      action: "wallet.refund",
      outcome: "success",
      details: { refund_id: id, topup_id: topup.id, amount_cents: amountCents, processor },
    },
  );
  await t.ledger.record({ kind: "refund_cleared", ...movement });
}

async function requireOwnTopup(t: Transaction, operatorId: string, topupId: string): Promise<void> {
  const found = isId("tup", topupId) ? await t.topups.find(topupId) : undefined;
  if (found?.operator_id !== operatorId) throw new DomainError("NOT_FOUND", "There is no such top-up of yours.");
}

async function sessionOf(r: Reader, id: string, processor: PaymentProcessor, now: number) {
  const topup = await r.topups.get(id);
  const over = topup.status === "pending" && topup.expires_at <= now;
  const status: Topup["status"] | "expired" = over ? "expired" : topup.status;
  const url = status === "pending" ? processor.checkoutUrl(id) : undefined;
  const byCommand = `No payment page is served here. On this machine \`stack-mcp operator fund ${topup.operator_id} ${topup.amount_cents}\` pays it; stack_get_balance shows the money.`;
  return {
    session_id: topup.id,
    status,
    amount_cents: topup.amount_cents,
    processor: topup.processor,
    ...(url === undefined ? {} : { checkout_url: url }),
    ...(status === "pending" && url === undefined ? { next_step: byCommand } : {}),
    created_at: isoTime(topup.created_at),
    expires_at: isoTime(topup.expires_at),
  };
}

export function requireProcessor(processor: PaymentProcessor | undefined): PaymentProcessor {
  if (processor) return processor;
  throw new DomainError(
    "PAYMENTS_UNAVAILABLE",
    "This database holds live money and no payment processor is configured.",
  );
}

function remainderOf(topup: Topup): number {
  return topup.amount_cents - topup.refunded_cents;
}

function nothingLeft(most: number): DomainError {
  const message =
    most === 0
      ? "Nothing can be refunded: no part of a top-up of the last 30 days is unused and free of holds."
      : `amount_cents must be at most ${most}: that much of the top-ups of the last 30 days is unused and free of holds.`;
  return new DomainError("INVALID_REQUEST", message, { field: "amount_cents", refundable_cents: most });
}
