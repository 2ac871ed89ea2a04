import type { Payout } from "../../../storage/repositories/payouts.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import type { PaymentProcessor } from "../../payments/processor.ts";
import type { Clock } from "../../shared/clock.ts";
import { isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { byId, type Page, pageOf, requireCursor } from "../page.ts";
import type { PageRequest } from "../skills/skill-service.ts";
import { requireProcessor } from "./topup-service.ts";

export interface PayoutView {
  readonly id: string;
  readonly period: string;
  readonly amount_cents: number;
  readonly status: Payout["status"];
  readonly processor: string;
  readonly created_at: string;
  readonly paid_at?: string;
}

export interface PayoutRun {
  readonly period: string;
  readonly payouts: readonly {
    readonly publisher_id: string;
    readonly payout_id: string;
    readonly amount_cents: number;
  }[];
  /** Publishers whose earnings are carried over: they are below the minimum. */
  readonly carried_over: number;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** Publishers are paid on the first of each month what they earned before it. */
export class PayoutService {
  readonly #store: Store;
  readonly #processor: PaymentProcessor | undefined;
  readonly #clock: Clock;

  constructor(store: Store, processor: PaymentProcessor | undefined, clock: Clock) {
    this.#store = store;
    this.#processor = processor;
    this.#clock = clock;
  }

  /**
   * The run of a month (`YYYY-MM`, by default this one): earnings settled before its first day, UTC, at least 1,000 cents.
   * Each publisher is paid once a month, however often it runs. A month to come is for play money. Throws INVALID_REQUEST,
   * PAYMENTS_UNAVAILABLE.
   */
  async run(month: string | undefined): Promise<PayoutRun> {
    const processor = requireProcessor(this.#processor);
    const period = month ?? monthOf(this.#clock());
    const before = this.#firstOf(period);
    const due = await this.#store.read((r) => r.ledger.listUnpaid(before));
    const payouts = [];
    let carried = 0;
    for (const { publisherId, amountCents } of due) {
      if (amountCents < LIMITS.payoutMinimumCents) {
        if (amountCents > 0) carried++;
        continue;
      }
      const paid = await this.#store.transact((t) => payOut(t, processor, publisherId, period, before));
      if (paid) payouts.push(paid);
    }
    return { period, payouts, carried_over: carried };
  }

  async list(caller: Caller, request: PageRequest): Promise<Page<PayoutView>> {
    requireCursor("pyt", request.cursor);
    const found = await this.#store.read((r) => r.payouts.list(caller.operatorId, request.limit, request.cursor));
    return pageOf(found.slice(0, request.limit).map(viewOf), found.length, byId);
  }

  #firstOf(period: string): number {
    if (!MONTH.test(period)) throw misuse("month must be of the form YYYY-MM.");
    const first = Date.parse(`${period}-01T00:00:00.000Z`);
    if (first <= this.#clock() || this.#store.instance.stamp === "play") return first;
    throw misuse(`The run of ${period} is due on its first day.`);
  }
}

/** Read again inside the transaction: another process may run the same month. */
async function payOut(
  t: Transaction,
  processor: PaymentProcessor,
  publisherId: string,
  period: string,
  before: number,
) {
  const [unpaid] = await t.ledger.listUnpaid(before, publisherId);
  const amountCents = unpaid?.amountCents ?? 0;
  if (amountCents < LIMITS.payoutMinimumCents || (await t.payouts.exists(publisherId, period))) return undefined;
  const id = newId("pyt");
  await t.payouts.insert({
    id,
    publisher_id: publisherId,
    period,
    amount_cents: amountCents,
    processor: processor.name,
  });
  const details = { payout_id: id, period, amount_cents: amountCents, processor: processor.name };
  const event = { operatorId: publisherId, layer: "wallet", action: "wallet.payout" } as const;
  await t.ledger.record(
    { kind: "payout", ref: id, publisherId, amountCents },
    { ...event, outcome: "pending", details },
  );
  // Play money is there at once; a real processor tells of the arrival later.
  await t.payouts.markPaid(id);
  await t.ledger.record(
    { kind: "payout_paid", ref: id, publisherId, amountCents },
    { ...event, outcome: "success", details },
  );
  return { publisher_id: publisherId, payout_id: id, amount_cents: amountCents };
}

function monthOf(time: number): string {
  return isoTime(time).slice(0, 7);
}

function viewOf({ id, period, amount_cents, status, processor, created_at, paid_at }: Payout): PayoutView {
  const paid = paid_at === null ? {} : { paid_at: isoTime(paid_at) };
  return { id, period, amount_cents, status, processor, created_at: isoTime(created_at), ...paid };
}

function misuse(message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message, { field: "month" });
}
