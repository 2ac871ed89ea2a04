import type {
  EndedCount,
  MoneyMoved,
  RunFilter,
  Span,
  Turnover,
  Waiting,
} from "../../../storage/read-models/host-metrics.ts";
import type { Store } from "../../../storage/store.ts";
import { type Clock, dayOf, isoTime } from "../../shared/clock.ts";
import { invalidRequest } from "../../shared/errors.ts";
import { requireOperator } from "../auth/named-operator.ts";

/** A UTC day across all operators: counts and cents, no content. */
export interface DayReport {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly invocations: { readonly begun: number; readonly ended: readonly EndedCount[] };
  readonly turnover: Turnover;
  readonly topups: MoneyMoved;
  readonly refunds: MoneyMoved;
  readonly payouts: MoneyMoved;
  readonly newcomers: { readonly operators: number; readonly skills: number };
  /** At the time of the report, whatever the day. */
  readonly waiting: Waiting;
  readonly ledger_problems: readonly string[];
}

const DAY_MS = 86_400_000;

export interface ReportParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Reports to a host: the events of a day, and the work that waits. */
export class ReportService {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** `day` is `today`, `yesterday` or a date. Throws INVALID_REQUEST for another text. */
  async ofDay(day: string): Promise<DayReport> {
    const span = this.#spanOf(day);
    const report = await this.#parts.store.read(async ({ hostMetrics: figures }) => ({
      day: isoTime(span.from).slice(0, 10),
      invocations: { begun: await figures.begun(span), ended: await figures.ended(span) },
      turnover: await figures.turnover(span),
      topups: await figures.paidIn(span),
      refunds: await figures.refunded(span),
      payouts: await figures.paidOut(span),
      newcomers: await figures.newcomers(span),
      waiting: await figures.waiting(),
    }));
    return { ...report, ledger_problems: await this.#parts.store.findLedgerProblems() };
  }

  /** Lists the last runs, newest first. Throws NOT_FOUND for an unknown operator. */
  async runs(filter: Omit<RunFilter, "operatorId"> & { readonly operator?: string | undefined }) {
    const { operator, ...rest } = filter;
    return this.#parts.store.read(async (r) => {
      const operatorId =
        operator === undefined ? undefined : (await requireOperator(r, operator)).id;
      const found = await r.hostMetrics.runs({ ...rest, operatorId });
      return found.map(({ created_at, completed_at, ...run }) => ({
        ...run,
        created_at: isoTime(created_at),
        completed_at: completed_at === null ? null : isoTime(completed_at),
      }));
    });
  }

  #spanOf(day: string): Span {
    const today = dayOf(this.#parts.clock.now()) * DAY_MS;
    const named: Readonly<Record<string, number>> = { today, yesterday: today - DAY_MS };
    const from = named[day] ?? dateOf(day);
    return { from, to: from + DAY_MS };
  }
}

function dateOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // A date that rolls over, such as February 30, is none.
  if (!Number.isNaN(time) && isoTime(time).startsWith(text)) return time;
  throw invalidRequest("day", "The day must be today, yesterday or a date such as 2026-05-01.");
}
