import type { Topup } from "../../../storage/repositories/topups.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { PaymentEvent, PaymentProcessor, RemoteProcessor } from "../../payments/processor.ts";
import type { Processors } from "../../payments/processors.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { ServerDirectory } from "../pages/server-directory.ts";
import { withLease } from "../with-lease.ts";
import { type PaymentOrder, signOrder, verifyOrder } from "./checkout-link.ts";
import { creditTopup } from "./credit-topup.ts";

/** A payment as the page for it shows it. */
export interface CheckoutView {
  readonly status: "open" | "paid" | "closed";
  readonly amountCents: number;
  /** The operator of the wallet. */
  readonly operatorName: string;
  readonly expiresAt: string;
  readonly isPlayMoney: boolean;
  readonly processor: string;
}

export interface CheckoutParts {
  readonly store: Store;
  readonly pages: ServerDirectory;
  readonly processors: Processors;
  /** Signs payment links. */
  readonly key: Buffer;
  readonly clock: Clock;
  readonly log: Logger;
}

const OTHERS_MS = 15_000;

/** Takes payments of people: on the page of a link, each exactly once. */
export class CheckoutService {
  readonly #parts: CheckoutParts;

  constructor(parts: CheckoutParts) {
    this.#parts = parts;
  }

  /** Returns the page on which a person pays an open top-up; undefined when no page is served. */
  async urlOf(topup: Topup): Promise<string | undefined> {
    if (topup.processor_url !== null) return topup.processor_url;
    return this.#urlOf({
      topupId: topup.id,
      operatorId: topup.operator_id,
      amountCents: topup.amount_cents,
      expiresAt: topup.expires_at,
    });
  }

  /**
   * Returns a page on which a person can pay the sum that a wallet lacks. Nothing is recorded until
   * somebody does.
   */
  async urlForMissing(operatorId: string, missingCents: number): Promise<string | undefined> {
    if (!this.#parts.processors.topups) return undefined;
    const { min, max } = LIMITS.topupCents;
    const amountCents = Math.min(max, Math.max(min, missingCents));
    const expiresAt = this.#parts.clock.now() + LIMITS.topupSessionMs;
    return this.#urlOf({ topupId: newId("tup"), operatorId, amountCents, expiresAt });
  }

  /** Throws NOT_FOUND for a link that was not made here. */
  async view(link: string): Promise<CheckoutView> {
    const order = this.#open(link);
    const { store, clock } = this.#parts;
    return store.read(async (r) => {
      const topup = await r.topups.find(order.topupId);
      const operator = await r.operators.find(order.operatorId);
      const unpaid = (topup?.expires_at ?? order.expiresAt) > clock.now() ? "open" : "closed";
      return {
        status: topup?.status === "paid" ? "paid" : unpaid,
        amountCents: order.amountCents,
        operatorName: operator?.name ?? "",
        expiresAt: isoTime(order.expiresAt),
        isPlayMoney: store.instance.stamp === "play",
        processor: topup?.processor ?? this.#processor().name,
      };
    });
  }

  /**
   * Pays with play money, or returns the processor's page. A repeated call pays nothing twice. A
   * closed payment stays closed. Throws NOT_FOUND, PAYMENTS_UNAVAILABLE.
   */
  async pay(link: string): Promise<{ readonly redirect?: string }> {
    const order = this.#open(link);
    const { store, clock } = this.#parts;
    const processor = this.#processor();
    const topup = await store.transact([order.operatorId], async (t) => {
      const found = await topupOf(t, order, processor);
      if (found.status === "paid") return found;
      // The page says so by itself.
      if (found.expires_at <= clock.now()) return found;
      if (found.processor === "local") await creditTopup(t, found, "page");
      return found;
    });
    if (topup.processor === "local" || topup.status === "paid" || topup.expires_at <= clock.now())
      return {};
    return { redirect: (await this.atItsPage(topup)).processor_url ?? "" };
  }

  /** Closes an unpaid payment. A paid one stays paid. Throws NOT_FOUND. */
  async cancel(link: string): Promise<void> {
    const order = this.#open(link);
    await this.#parts.store.transact([order.operatorId], async (t) => {
      const { id, status } = await topupOf(t, order, this.#processor());
      if (status === "pending") await t.topups.close(id);
    });
  }

  /**
   * Returns the top-up with the page of its processor. Throws PAYMENTS_UNAVAILABLE, BUSY.
   */
  async atItsPage(topup: Topup): Promise<Topup> {
    if (topup.processor_url !== null || topup.processor === "local") return topup;
    const processor = this.#parts.processors.remote.find(({ name }) => name === topup.processor);
    if (!processor)
      throw new DomainError(
        "PAYMENTS_UNAVAILABLE",
        `This payment was opened with ${topup.processor}, which is no longer used here. Open another with stack_topup.`,
      );
    const opened = await withLease(this.#parts, `topup:${topup.id}`, () =>
      this.#openPage(topup.id, processor),
    );
    return opened ?? this.#pageOfAnother(topup.id);
  }

  async #openPage(topupId: string, processor: RemoteProcessor): Promise<Topup> {
    const { store } = this.#parts;
    const topup = await store.read((r) => r.topups.get(topupId));
    if (topup.processor_url !== null) return topup;
    const url = await this.urlOf(topup);
    if (url === undefined) throw new DomainError("PAYMENTS_UNAVAILABLE", WITHOUT_SERVER);
    const order = { topupId, amountCents: topup.amount_cents, returnUrl: `${url}?returned` };
    const page = await processor.openCheckout(order);
    return store.transact([topup.operator_id], async (t) => {
      await t.topups.setPage(topupId, page.url);
      return t.topups.get(topupId);
    });
  }

  /** Waits for the page that another process opens now: one payment has one page. */
  async #pageOfAnother(topupId: string): Promise<Topup> {
    const { store, clock } = this.#parts;
    const deadline = clock.elapsed() + OTHERS_MS;
    for (;;) {
      const mark = store.changes.mark();
      const topup = await store.read((r) => r.topups.get(topupId));
      if (topup.processor_url !== null) return topup;
      const left = deadline - clock.elapsed();
      if (left <= 0)
        throw new DomainError("BUSY", "The payment is being opened. Try again in a moment.");
      await store.changes.next(mark, left);
    }
  }

  /**
   * Handles a webhook by its raw body. Throws NOT_FOUND for an unused processor, FORBIDDEN
   * for a bad signature.
   */
  async handleWebhook(
    name: string,
    body: string,
    header: (name: string) => string | undefined,
  ): Promise<void> {
    const processor = this.#parts.processors.remote.find((one) => one.name === name);
    if (!processor)
      throw new DomainError("NOT_FOUND", "No payment processor of this name is used here.");
    const event = await processor.readWebhook(body, header);
    if (event) await this.#take(processor, event);
  }

  /** Credits a payment once, also after its page has closed. */
  async #take(processor: RemoteProcessor, event: PaymentEvent): Promise<void> {
    const { store, log } = this.#parts;
    if (event.kind === "account") {
      const { accountRef, ready } = event;
      return store.transact([], (t) => t.payouts.setReady(processor.name, accountRef, ready));
    }
    const { topupId } = event;
    const meant = await store.read((r) => r.topups.find(topupId));
    const problem = meant
      ? await store.transact([meant.operator_id], async (t) =>
          creditPayment(t, await t.topups.get(topupId), event, processor),
        )
      : "there is no such top-up";
    // Somebody paid and has nothing for it: a person has to look.
    if (problem !== undefined)
      log.error(
        { topup_id: topupId, processor: processor.name, problem },
        "a payment was not credited",
      );
  }

  async #urlOf(order: PaymentOrder): Promise<string | undefined> {
    const base = await this.#parts.pages.current();
    return base === undefined ? undefined : `${base}/checkout/${signOrder(this.#parts.key, order)}`;
  }

  #open(link: string): PaymentOrder {
    const order = verifyOrder(this.#parts.key, link);
    if (!order) throw new DomainError("NOT_FOUND", "There is no such payment. Ask for a new link.");
    return order;
  }

  #processor(): PaymentProcessor {
    return requireProcessor(this.#parts.processors.topups);
  }
}

const WITHOUT_SERVER =
  "Payments need a server that receives their webhooks: start `stack-mcp serve` on this data folder.";

export function requireProcessor(processor: PaymentProcessor | undefined): PaymentProcessor {
  if (processor) return processor;
  throw new DomainError(
    "PAYMENTS_UNAVAILABLE",
    "This database holds live money and no payment processor is configured.",
  );
}

/** Finds or inserts the row of an order; a link that came with a refusal has none yet. */
async function topupOf(
  t: Transaction,
  order: PaymentOrder,
  processor: PaymentProcessor,
): Promise<Topup> {
  if (await isGone(t, order.operatorId))
    throw new DomainError("NOT_FOUND", "The wallet's operator was deleted.");
  const known = await t.topups.find(order.topupId);
  if (known) return known;
  const {
    topupId: id,
    operatorId: operator_id,
    amountCents: amount_cents,
    expiresAt: expires_at,
  } = order;
  await t.topups.insert({ id, operator_id, amount_cents, expires_at, processor: processor.name });
  return t.topups.get(id);
}

async function isGone(t: Transaction, operatorId: string): Promise<boolean> {
  const operator = await t.operators.find(operatorId);
  return operator?.deleted_at !== null;
}

type Paid = PaymentEvent & { readonly kind: "paid" };

/**
 * Credits a payment unless it was credited before. Records a misfit in the audit log and returns
 * the reason.
 */
async function creditPayment(
  t: Transaction,
  topup: Topup,
  event: Paid,
  processor: RemoteProcessor,
): Promise<string | undefined> {
  const isNobodys = topup.status === "pending" && (await isGone(t, topup.operator_id));
  const problem = isNobodys ? "its operator was deleted" : misfitOf(topup, event, processor);
  if (problem === undefined) {
    if (topup.status === "pending") await creditTopup(t, topup, "webhook", event.paymentRef);
    return undefined;
  }
  const { id: topup_id, operator_id: operatorId } = topup;
  const details = { topup_id, problem, paid_cents: event.amountCents };
  await t.audit.append({ operatorId, action: "wallet.topup", outcome: "failure", details });
  return problem;
}

function misfitOf(topup: Topup, event: Paid, processor: RemoteProcessor): string | undefined {
  if (topup.processor !== processor.name) return `it was opened with ${topup.processor}`;
  if (topup.status === "paid" && topup.processor_ref !== event.paymentRef)
    return "it was paid a second time";
  if (event.currency.toLowerCase() !== "usd") return `it was paid in ${event.currency}`;
  return event.amountCents === topup.amount_cents ? undefined : "another amount was paid";
}
