import type { WalletLine } from "../../../storage/repositories/ledger.ts";
import type { Store } from "../../../storage/store.ts";
import type { ActingAgent, Caller } from "../../domain/identity/caller.ts";
import type { MovementKind, TransactionType } from "../../domain/money/ledger.ts";
import { PLANS } from "../../domain/money/money.ts";
import type { PlanLimits } from "../../domain/money/plans.ts";
import { type Clock, dayOf, isoTime } from "../../shared/clock.ts";
import { invalidRequest } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from "../pagination.ts";
import { allowancesOf } from "./allowance.ts";

const KINDS: Readonly<Record<TransactionType, readonly MovementKind[]>> = {
  topup: ["topup"],
  invocation: ["settle"],
  refund: ["refund"],
  subscription: ["subscribe"],
  grant: ["grant"],
  overage: [],
  identity: [],
};

export interface TransactionRequest extends PageRequest {
  readonly type?: TransactionType | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly offset?: number | undefined;
}

export interface TransactionView {
  readonly id: string;
  readonly type: TransactionType;
  readonly amount_cents: number;
  readonly balance_after_cents: number;
  readonly description: string;
  readonly created_at: string;
}

const EARNING_SKILLS = 50;

export interface WalletParts {
  readonly store: Store;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
}

export class WalletService {
  readonly #parts: WalletParts;

  constructor(parts: WalletParts) {
    this.#parts = parts;
  }

  /** Returns the wallet for its operator; for an agent, the part that it may spend. */
  async balance(caller: Caller) {
    const { agent } = caller;
    return agent ? this.#allowance({ ...caller, agent }) : this.#whole(caller);
  }

  async #allowance(caller: Caller & { agent: ActingAgent }) {
    const { operatorId } = caller;
    const now = this.#parts.clock.now();
    return this.#parts.store.read(async (r) => {
      const { balanceCents } = await r.ledger.balanceOf(operatorId);
      const allowances = await allowancesOf(r, caller, now);
      const lefts = allowances.flatMap(({ left_cents: left }) =>
        left === undefined ? [] : [left],
      );
      return {
        ...this.#wallet(operatorId, balanceCents),
        spendable_cents: Math.min(balanceCents, ...lefts),
        allowances,
      };
    });
  }

  #wallet(operatorId: string, balanceCents: number) {
    return {
      operator_id: operatorId,
      balance_cents: balanceCents,
      balance_usd: `$${(balanceCents / 100).toFixed(2)}`,
      play_money: this.#parts.store.instance.stamp === "play",
    };
  }

  async #whole({ operatorId, plan }: Caller) {
    const now = this.#parts.clock.now();
    const known = await this.#parts.store.memo(`balance:${operatorId}:${dayOf(now)}`, async (r) => {
      const { balanceCents, heldCents, earningsCents } = await r.ledger.balanceOf(operatorId);
      const operator = await r.operators.find(operatorId);
      const period = periodOf(operator, now);
      const today = await r.freeCompute.usedOn(operatorId, dayOf(now));
      const limits = this.#parts.limitsOf(plan);
      return {
        ...this.#wallet(operatorId, balanceCents),
        held_cents: heldCents,
        earnings_cents: earningsCents,
        tier: plan,
        billing_period_start: isoTime(period.start),
        billing_period_end: isoTime(period.end),
        usage: {
          free_skill_invocations: await r.freeCompute.runsBetween(
            operatorId,
            dayOf(period.start),
            dayOf(now),
          ),
          free_compute_micro_usd_today: today.microUsd,
          published_skills: await r.skills.countOf(operatorId),
          passports: await r.passports.countSince(operatorId, period.start),
          dropoffs: 0,
          proxy_calls: 0,
        },
        open_topups: (await r.topups.listPending(operatorId)).map(
          ({ id, amount_cents, expires_at }) => ({
            session_id: id,
            amount_cents,
            expires_at: isoTime(expires_at),
          }),
        ),
        ...(operator?.next_plan ? { next_plan: operator.next_plan } : {}),
        plans: Object.fromEntries(
          PLANS.map((one) => [one, this.#parts.limitsOf(one).price_cents_per_month]),
        ),
        limits: {
          free_compute_micro_usd_per_day: limits.free_compute_micro_usd_per_day,
          published_skills: limits.published_skills,
        },
      };
    });
    // Time closes one without a change of the database.
    const isOpen = ({ expires_at }: { readonly expires_at: string }) =>
      Date.parse(expires_at) > now;
    return { ...known, open_topups: known.open_topups.filter(isOpen) };
  }

  /**
   * Lists the movements into the wallet and out of it, newest first. Throws INVALID_REQUEST for an
   * invalid time.
   */
  async listTransactions(
    caller: Caller,
    request: TransactionRequest,
  ): Promise<Page<TransactionView>> {
    const { type, limit, offset, cursor } = request;
    if (cursor !== undefined && offset !== undefined) {
      throw invalidRequest("offset", "cursor and offset exclude each other: give one.");
    }
    const kinds = type === undefined ? undefined : KINDS[type];
    if (kinds?.length === 0) return { items: [] };
    const lines = await this.#parts.store.read((r) =>
      r.ledger.walletLines({
        operatorId: caller.operatorId,
        kinds,
        from: timeOf("from", request.from),
        to: timeOf("to", request.to),
        beforeEntryId: cursor === undefined ? undefined : decodeCursor(cursor, isEntryId),
        offset,
        limit,
      }),
    );
    const shown = lines.slice(0, limit);
    const cursorOf = (_: TransactionView, index: number) =>
      encodeCursor(shown[index]?.entryId ?? 0);
    return pageOf(shown.map(transactionOf), lines.length, cursorOf);
  }

  /** Returns the sums that a publisher earned, was paid, and is paid next. */
  async earnings(caller: Caller) {
    const { operatorId } = caller;
    return this.#parts.store.read(async (r) => {
      let due = firstOfNextMonth(this.#parts.clock.now());
      // A month that was paid ahead of its day, as play money can be, is not paid again.
      while (await r.payouts.exists(operatorId, isoTime(due).slice(0, 7)))
        due = firstOfNextMonth(due);
      const { earningsCents } = await r.ledger.balanceOf(operatorId);
      const { paidCents, inTransitCents } = await r.payouts.sums(operatorId);
      return {
        operator_id: operatorId,
        earned_cents: earningsCents + paidCents + inTransitCents,
        unpaid_cents: earningsCents,
        in_transit_cents: inTransitCents,
        paid_out_cents: paidCents,
        next_payout: {
          date: isoTime(due),
          amount_cents: earningsCents >= LIMITS.payoutMinimumCents ? earningsCents : 0,
          minimum_cents: LIMITS.payoutMinimumCents,
        },
        skills: await r.ledger.earnedBySkill(operatorId, EARNING_SKILLS),
      };
    });
  }

  /** Checks every invariant of the ledger; each problem names the row that breaks it. */
  async findLedgerProblems(): Promise<string[]> {
    return this.#parts.store.findLedgerProblems();
  }
}

function isEntryId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function transactionOf(line: WalletLine): TransactionView {
  const [type] = Object.entries(KINDS).find(([, kinds]) =>
    kinds.includes(line.kind as MovementKind),
  ) ?? ["grant"];
  return {
    // One ledger transaction has one line in a wallet, so its id serves under the published prefix.
    id: line.txId.replace(/^ltx_/, "wtxn_"),
    type: type as TransactionType,
    amount_cents: line.amountCents,
    balance_after_cents: line.balanceAfterCents,
    description: describe(type as TransactionType, line),
    created_at: isoTime(line.createdAt),
  };
}

function describe(type: TransactionType, { ref, skillName }: WalletLine): string {
  switch (type) {
    case "invocation":
      return `Invocation ${ref} of ${skillName ?? "a skill"}`;
    case "topup":
      return `Top-up ${ref}`;
    case "refund":
      return `Refund ${ref}`;
    case "subscription":
      return "A month of a plan";
    default:
      return "Play money to start with";
  }
}

/** Returns the paid month, or without one the calendar month. */
function periodOf(
  operator:
    | { readonly period_start: number | null; readonly period_end: number | null }
    | undefined,
  now: number,
): { start: number; end: number } {
  if (operator?.period_start && operator.period_end)
    return { start: operator.period_start, end: operator.period_end };
  const date = new Date(now);
  return {
    start: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
    end: firstOfNextMonth(now),
  };
}

function firstOfNextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function timeOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw invalidRequest(
      field,
      `${field} must be an ISO 8601 time, for example 2026-05-01T00:00:00Z.`,
    );
  return time;
}
