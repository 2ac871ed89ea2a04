import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import type { Topup, UnsentRefund } from "../../../storage/repositories/topups.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { PaymentProcessor, RemoteProcessor } from "../../payments/processor.ts";
import type { Processors } from "../../payments/processors.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Chore } from "../chore.ts";
import { withLease } from "../with-lease.ts";
import { type CheckoutService, requireProcessor } from "./checkout-service.ts";
import { creditTopup } from "./credit-topup.ts";
import type { RefundRequest } from "./refund-topups.ts";
import { refundIn } from "./refund-topups.ts";

export interface TopupParts {
  readonly store: Store;
  readonly processors: Processors;
  readonly checkout: CheckoutService;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Top-ups and refunds through a payment processor. */
export class TopupService {
  readonly #parts: TopupParts;
  readonly chores: readonly Chore[] = [
    { name: "send refunds", everyMs: LIMITS.choreMs, run: () => this.sendRefunds() },
  ];

  constructor(parts: TopupParts) {
    this.#parts = parts;
  }

  /**
   * Opens a payment of `amount_cents`, or returns the open one of this amount. Throws
   * PAYMENTS_UNAVAILABLE, or RATE_LIMITED with the newest link when too many are open.
   */
  async open(caller: Caller, amountCents: number, key: IdempotencyKey | undefined) {
    const processor = requireProcessor(this.#parts.processors.topups);
    const known = key && (await this.#parts.store.read((r) => r.idempotency.find(key)));
    if (known !== undefined) return this.#sessionOf(known);
    const fresh = newId("tup");
    const id = await this.#record(fresh, caller, { amountCents, processor, key }).catch(
      async (error: unknown) => {
        throw await this.#withNewest(error);
      },
    );
    const session = await this.#sessionOf(id);
    return id === fresh ? session : { ...session, already_open: true };
  }

  /** A refusal for too many open payments, with the link of the newest where a page is served. */
  async #withNewest(error: unknown): Promise<unknown> {
    if (!(error instanceof DomainError) || typeof error.details?.session_id !== "string")
      return error;
    const { session_id } = error.details;
    const { checkout_url } = { checkout_url: undefined, ...(await this.#sessionOf(session_id)) };
    const how = checkout_url === undefined ? "pay one" : "pay the newest on checkout_url";
    const message = `You have ${LIMITS.openTopups} open top-ups: ${how}, or wait until they expire.`;
    return new DomainError(error.code, message, {
      session_id,
      ...(checkout_url ? { checkout_url } : {}),
    });
  }

  async #record(
    topupId: string,
    caller: Caller,
    {
      amountCents,
      processor,
      key,
    }: {
      readonly amountCents: number;
      readonly processor: PaymentProcessor;
      readonly key: IdempotencyKey | undefined;
    },
  ): Promise<string> {
    return this.#parts.store.transactOnce([caller.operatorId], key, async (t) => {
      const { operatorId } = caller;
      const { name } = processor;
      const open = (await t.topups.listPending(operatorId)).filter(byProcessor(processor));
      const same = open.find((topup) => topup.amount_cents === amountCents);
      if (same) return same.id;
      const newest = open.at(-1);
      if (newest && open.length >= LIMITS.openTopups) {
        throw new DomainError("RATE_LIMITED", undefined, { session_id: newest.id });
      }
      await t.topups.insert({
        id: topupId,
        operator_id: operatorId,
        amount_cents: amountCents,
        processor: name,
      });
      const details = { topup_id: topupId, amount_cents: amountCents };
      await t.audit.append({ operatorId, action: "wallet.topup", outcome: "pending", details });
      return topupId;
    });
  }

  /**
   * Adds the payment page to a refusal for lack of money, where a page is served.
   */
  async withLink(refusal: DomainError, operatorId: string): Promise<DomainError> {
    const { required_cents: required, balance_cents: balance } = refusal.details ?? {};
    const url = await this.#parts.checkout.urlForMissing(
      operatorId,
      Number(required) - Number(balance),
    );
    if (url === undefined) return refusal;
    const message = `The wallet has ${balance} cents to spend and this needs ${required}. A person can pay on top_up_url, or open another amount with stack_topup; then try again.`;
    return new DomainError(refusal.code, message, { ...refusal.details, top_up_url: url });
  }

  /**
   * Refunds the unused part of top-ups of the last 30 days, newest first: grants and older money
   * count as spent first. Throws INVALID_REQUEST for more than the unused part, NOT_FOUND for a
   * foreign top-up.
   */
  async refund(caller: Caller, request: RefundRequest, key: IdempotencyKey | undefined) {
    const requestId = await this.#parts.store.transactOnce([caller.operatorId], key, (t) =>
      refundIn(t, caller, request),
    );
    await this.sendRefunds(requestId);
    return this.#parts.store.read(async (r) => {
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

  /**
   * Sends refunds to the processors of the payments. A refund that a processor does not take now is
   * sent again later.
   */
  async sendRefunds(requestId?: string): Promise<void> {
    for (const processor of this.#parts.processors.remote) {
      const unsent = await this.#parts.store.read((r) =>
        r.topups.listUnsentRefunds(processor.name),
      );
      const refunds = unsent.filter(
        ({ request_id }) => requestId === undefined || request_id === requestId,
      );
      for (const refund of refunds) await this.#send(processor, refund);
    }
  }

  async #send(
    processor: RemoteProcessor,
    { id, amount_cents: amountCents, processor_ref: paymentRef }: UnsentRefund,
  ) {
    try {
      await withLease(
        { store: this.#parts.store, clock: this.#parts.clock },
        `refund:${id}`,
        async () => {
          if (await this.#parts.store.read((r) => r.topups.isRefundSent(id))) return;
          await processor.refund({ refundId: id, paymentRef: paymentRef ?? "", amountCents });
          await this.#parts.store.transact([], (t) => t.topups.markRefundSent(id));
        },
      );
    } catch (error) {
      this.#parts.log.error(
        { err: error, refund_id: id },
        "a refund was not taken; it will be sent again",
      );
    }
  }

  async #sessionOf(id: string) {
    const recorded = await this.#parts.store.read((r) => r.topups.get(id));
    const isOpen = recorded.status === "pending" && recorded.expires_at > this.#parts.clock.now();
    const topup = isOpen ? await this.#parts.checkout.atItsPage(recorded) : recorded;
    const over = topup.status === "pending" && topup.expires_at <= this.#parts.clock.now();
    const status: Topup["status"] | "expired" = over ? "expired" : topup.status;
    const url = status === "pending" ? await this.#parts.checkout.urlOf(topup) : undefined;
    const byCommand = `No payment page is served here. On this machine \`stack-mcp operator fund ${topup.operator_id} ${topup.amount_cents}\` pays it, or \`stack-mcp serve\` serves the page; stack_get_balance shows the money.`;
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
}

function byProcessor({ name }: PaymentProcessor) {
  return ({ processor }: Topup) => processor === name;
}

/**
 * Records a payment by command of this machine's host. An open session of this amount is paid by
 * it.
 */
export async function payLocally(
  t: Transaction,
  operatorId: string,
  amountCents: number,
): Promise<void> {
  const open = await t.topups.findPending(operatorId, amountCents);
  const id = open?.id ?? newId("tup");
  if (!open)
    await t.topups.insert({
      id,
      operator_id: operatorId,
      amount_cents: amountCents,
      processor: "local",
    });
  await creditTopup(t, await t.topups.get(id), "command");
}
