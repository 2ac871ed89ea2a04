import type { Payout } from "../../../storage/repositories/payouts.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { LocalProcessor, PayoutDesk, RemoteProcessor } from "../../payments/processor.ts";
import type { Clock } from "../../shared/clock.ts";
import { isoTime } from "../../shared/clock.ts";
import { assert, DomainError, invalidRequest } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { ServerDirectory } from "../pages/server-directory.ts";
import { byId, type Page, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import { withLease } from "../with-lease.ts";
import { requireProcessor } from "./checkout-service.ts";

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
  readonly payouts: readonly PaidOut[];
  /** Publishers whose earnings are carried over: they are below the minimum. */
  readonly carried_over: number;
  /** Publishers who have not told the processor where their money goes. */
  readonly awaiting_account: number;
  /** Publishers that the host suspended. */
  readonly withheld: number;
  /** Payouts that the processor did not take; the next run sends them again. */
  readonly in_transit: number;
}

interface PaidOut {
  readonly publisher_id: string;
  readonly payout_id: string;
  readonly amount_cents: number;
}

export interface PayoutParts {
  readonly store: Store;
  /** Undefined where no processor takes live money. */
  readonly processor: LocalProcessor | RemoteProcessor | undefined;
  readonly pages: ServerDirectory;
  readonly clock: Clock;
  readonly log: Logger;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** Pays publishers on the first of each month their earnings before that day. */
export class PayoutService {
  readonly #parts: PayoutParts;

  constructor(parts: PayoutParts) {
    this.#parts = parts;
  }

  /**
   * Makes the payouts of a month (`YYYY-MM`, by default this one): earnings settled before its
   * first day, UTC, at least 1,000 cents. Each publisher is paid once a month, also in repeated
   * runs. A future month is for play money. Throws INVALID_REQUEST, PAYMENTS_UNAVAILABLE.
   */
  async run(month: string | undefined): Promise<PayoutRun> {
    const { store, clock } = this.#parts;
    const processor = requireProcessor(this.#parts.processor);
    const desk = deskOf(processor);
    const period = month ?? monthOf(clock.now());
    const before = this.#firstOf(period);
    const due = await store.read((r) => r.ledger.listUnpaid(before));
    let [carried, awaiting, withheld] = [0, 0, 0];
    for (const { publisherId, amountCents } of due) {
      if (await this.#isSuspended(publisherId)) withheld += amountCents > 0 ? 1 : 0;
      else if (amountCents < LIMITS.payoutMinimumCents) carried += amountCents > 0 ? 1 : 0;
      else if (desk && !(await this.#hasAccount(publisherId, processor.name))) awaiting++;
      else
        await store.transact([publisherId], (t) =>
          takeOut(t, processor.name, { publisherId, period, before }),
        );
    }
    const payouts = await this.#bring(processor.name, desk);
    const left = await store.read((r) => r.payouts.listInTransit(processor.name));
    return {
      period,
      payouts,
      carried_over: carried,
      awaiting_account: awaiting,
      withheld,
      in_transit: left.length,
    };
  }

  /**
   * Opens the processor's page on which a publisher sets up its account. Throws
   * PAYMENTS_UNAVAILABLE for play money, and without a server to return to.
   */
  async setUp(
    caller: Caller,
  ): Promise<{ processor: string; ready: boolean; onboarding_url: string }> {
    const { store, pages } = this.#parts;
    const processor = requireProcessor(this.#parts.processor);
    const desk = deskOf(processor);
    if (!desk)
      throw new DomainError(
        "PAYMENTS_UNAVAILABLE",
        "Payouts in play money need no account: they arrive at once.",
      );
    const returnUrl = await pages.current();
    if (returnUrl === undefined) {
      throw new DomainError(
        "PAYMENTS_UNAVAILABLE",
        "The processor's page needs a server to return to: start `stack-mcp serve`.",
      );
    }
    const { operatorId } = caller;
    const { name } = processor;
    const known = await store.read((r) => r.payouts.findAccount(operatorId, name));
    const { accountRef, url } = await desk.onboard({
      operatorId,
      accountRef: known?.account_ref,
      returnUrl,
    });
    await store.transact([operatorId], async (t) => {
      await t.payouts.insertAccount({
        operator_id: operatorId,
        processor: name,
        account_ref: accountRef,
      });
      const details = { processor: name, account: accountRef };
      await t.audit.append({
        operatorId,
        action: "wallet.payout_account",
        outcome: "success",
        details,
      });
    });
    return { processor: name, ready: known?.ready === 1, onboarding_url: url };
  }

  async list(caller: Caller, request: PageRequest): Promise<Page<PayoutView>> {
    requireCursor("pyt", request.cursor);
    const found = await this.#parts.store.read((r) =>
      r.payouts.list(caller.operatorId, request.limit, request.cursor),
    );
    return pageOf(found.slice(0, request.limit).map(viewOf), found.length, byId);
  }

  async #isSuspended(publisherId: string): Promise<boolean> {
    const publisher = await this.#parts.store.read((r) => r.operators.find(publisherId));
    return publisher?.suspended_at !== null;
  }

  async #hasAccount(publisherId: string, processor: string): Promise<boolean> {
    const account = await this.#parts.store.read((r) =>
      r.payouts.findAccount(publisherId, processor),
    );
    return account?.ready === 1;
  }

  /**
   * Sends the payouts in transit, earlier attempts included: the processor takes each one once.
   */
  async #bring(processor: string, desk: PayoutDesk | undefined): Promise<PaidOut[]> {
    const { store, log } = this.#parts;
    const payouts = [];
    for (const payout of await store.read((r) => r.payouts.listInTransit(processor))) {
      const { id, publisher_id, amount_cents } = payout;
      try {
        const arrived = await withLease(this.#parts, `payout:${id}`, async () => {
          const ref = desk ? await this.#send(desk, payout) : null;
          return store.transact([publisher_id], (t) => arrive(t, payout, ref));
        });
        if (arrived) payouts.push({ publisher_id, payout_id: id, amount_cents });
      } catch (error) {
        log.error(
          { err: error, payout_id: id },
          "a payout was not taken; the next run sends it again",
        );
      }
    }
    return payouts;
  }

  async #send(
    desk: PayoutDesk,
    { id, publisher_id, amount_cents, processor }: Payout,
  ): Promise<string> {
    const account = await this.#parts.store.read((r) =>
      r.payouts.findAccount(publisher_id, processor),
    );
    assert(account, "a payout is taken out for a publisher with an account");
    const { ref } = await desk.pay({
      payoutId: id,
      accountRef: account.account_ref,
      amountCents: amount_cents,
    });
    return ref;
  }

  #firstOf(period: string): number {
    if (!MONTH.test(period)) throw misuse("month must be of the form YYYY-MM.");
    const first = Date.parse(`${period}-01T00:00:00.000Z`);
    if (first <= this.#parts.clock.now() || this.#parts.store.instance.stamp === "play")
      return first;
    throw misuse(`The payout run of ${period} is due on its first day.`);
  }
}

/** Read again inside the transaction: another process may run the same month. */
async function takeOut(
  t: Transaction,
  processor: string,
  {
    publisherId,
    period,
    before,
  }: { readonly publisherId: string; readonly period: string; readonly before: number },
) {
  const [unpaid] = await t.ledger.listUnpaid(before, publisherId);
  const amountCents = unpaid?.amountCents ?? 0;
  if (amountCents < LIMITS.payoutMinimumCents || (await t.payouts.exists(publisherId, period)))
    return;
  const id = newId("pyt");
  await t.payouts.insert({
    id,
    publisher_id: publisherId,
    period,
    amount_cents: amountCents,
    processor,
  });
  await t.ledger.record(
    { kind: "payout", ref: id, publisherId, amountCents },
    {
      ...eventOf({ id, publisher_id: publisherId, period, amount_cents: amountCents, processor }),
      outcome: "pending",
    },
  );
}

/** Marks a payout as paid and posts it. Returns false when another process was faster. */
async function arrive(t: Transaction, payout: Payout, ref: string | null): Promise<boolean> {
  if (!(await t.payouts.markPaid(payout.id, ref))) return false;
  const { id, publisher_id: publisherId, amount_cents: amountCents } = payout;
  await t.ledger.record(
    { kind: "payout_paid", ref: id, publisherId, amountCents },
    { ...eventOf(payout), outcome: "success" },
  );
  return true;
}

function eventOf({
  id,
  publisher_id,
  period,
  amount_cents,
  processor,
}: Omit<Payout, "status" | "processor_ref" | "created_at" | "paid_at">) {
  const details = { payout_id: id, period, amount_cents, processor };
  return { operatorId: publisher_id, action: "wallet.payout", details } as const;
}

/** Returns the payout interface of a processor; undefined for play money, which needs none. */
function deskOf(processor: LocalProcessor | RemoteProcessor): PayoutDesk | undefined {
  if (processor.name === "local") return undefined;
  if (processor.payouts) return processor.payouts;
  throw new DomainError(
    "PAYMENTS_UNAVAILABLE",
    `${processor.name} makes no payouts: name another processor for payouts in config.json.`,
  );
}

function monthOf(time: number): string {
  return isoTime(time).slice(0, 7);
}

function viewOf({
  id,
  period,
  amount_cents,
  status,
  processor,
  created_at,
  paid_at,
}: Payout): PayoutView {
  const paid = paid_at === null ? {} : { paid_at: isoTime(paid_at) };
  return { id, period, amount_cents, status, processor, created_at: isoTime(created_at), ...paid };
}

function misuse(message: string): DomainError {
  return invalidRequest("month", message);
}
