import { sql } from "kysely";
import { ACCOUNTS } from "../../src/domain/money/ledger.ts";
import type { FailureReason, InvocationStatus } from "../../src/domain/runs/invocation.ts";
import { Repository } from "../repository.ts";

/** A stretch of time: from `from` on, and before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface EndedCount {
  readonly status: InvocationStatus;
  readonly verdict: FailureReason | null;
  readonly count: number;
}

/** The sums of the completed invocations of a span, in cents. */
export interface Turnover {
  readonly buyers: number;
  readonly publishers: number;
  readonly price_cents: number;
  readonly compute_cents: number;
  readonly service_cents: number;
  readonly commission_cents: number;
}

export interface MoneyMoved {
  readonly count: number;
  readonly cents: number;
}

/** Counts of what waits for somebody at this moment. */
export interface Waiting {
  readonly pending: number;
  readonly approvals: number;
  readonly reviews: number;
  readonly unpaid_payouts: number;
}

/** Money of all operators at this moment, in cents. */
export interface MoneyHeld {
  /** In wallets, held for running work or not. */
  readonly wallet_cents: number;
  readonly held_cents: number;
  /** Earned by publishers and not paid out. */
  readonly earnings_cents: number;
  /** Paid in since the beginning, without what was given back. */
  readonly topup_cents: number;
}

/** A run as a host sees it: its parties and its end, without content. */
export interface HostRun {
  readonly id: string;
  readonly skill: string;
  readonly buyer: string;
  readonly publisher: string;
  readonly status: InvocationStatus;
  readonly verdict: FailureReason | null;
  readonly price_cents: number;
  readonly created_at: number;
  readonly completed_at: number | null;
}

export interface RunFilter {
  /** Its buyer's or its publisher's id. */
  readonly operatorId?: string | undefined;
  readonly status?: InvocationStatus | undefined;
  readonly limit: number;
}

/** Counts for a host, across all operators. */
export class HostMetricsReader extends Repository {
  async begun({ from, to }: Span): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from invocations where created_at >= ${from} and created_at < ${to}`.execute(
      this.db,
    );
    return rows[0]?.count ?? 0;
  }

  /** Ends by status and verdict, the most frequent first. */
  async ended({ from, to }: Span): Promise<EndedCount[]> {
    const { rows } = await sql<EndedCount>`
      select status, verdict, count(*) as count from invocations
      where completed_at >= ${from} and completed_at < ${to}
      group by status, verdict order by count desc, status, verdict`.execute(this.db);
    return rows;
  }

  async turnover({ from, to }: Span): Promise<Turnover> {
    const { rows } = await sql<Turnover>`
      select count(distinct buyer_id) as buyers, count(distinct publisher_id) as publishers,
        coalesce(sum(price_cents), 0) as price_cents, coalesce(sum(compute_cents), 0) as compute_cents,
        coalesce(sum(service_cents + service_markup_cents), 0) as service_cents,
        coalesce(sum(price_cents - publisher_cents), 0) as commission_cents
      from invocations where status = 'completed' and completed_at >= ${from} and completed_at < ${to}`.execute(
      this.db,
    );
    return rows[0] as Turnover;
  }

  async money(): Promise<MoneyHeld> {
    const { rows } = await sql<MoneyHeld>`
      select coalesce(sum(posted_cents) filter (where id like ${ACCOUNTS.wallet("%")}), 0) as wallet_cents,
        coalesce(sum(held_cents), 0) as held_cents,
        coalesce(sum(posted_cents) filter (where id like ${ACCOUNTS.earnings("%")}), 0) as earnings_cents,
        (select coalesce(sum(amount_cents - refunded_cents), 0) from topups where status = 'paid') as topup_cents
      from accounts`.execute(this.db);
    return rows[0] as MoneyHeld;
  }

  /** Newest first. */
  async runs({ operatorId, status, limit }: RunFilter): Promise<HostRun[]> {
    let query = this.db
      .selectFrom("invocations as i")
      .innerJoin("skills as s", "s.id", "i.skill_id")
      .innerJoin("operators as b", "b.id", "i.buyer_id")
      .innerJoin("operators as p", "p.id", "i.publisher_id")
      .select([
        "i.id",
        "s.name as skill",
        "b.name as buyer",
        "p.name as publisher",
        "i.status",
        "i.verdict",
      ])
      .select(["i.price_cents", "i.created_at", "i.completed_at"]);
    if (status !== undefined) query = query.where("i.status", "=", status);
    if (operatorId !== undefined)
      query = query.where((eb) =>
        eb.or([eb("i.buyer_id", "=", operatorId), eb("i.publisher_id", "=", operatorId)]),
      );
    return query.orderBy("i.id", "desc").limit(limit).execute();
  }

  /** Top-ups that were paid. */
  async paidIn(span: Span): Promise<MoneyMoved> {
    return this.#moved("topups", "paid_at", span);
  }

  async refunded(span: Span): Promise<MoneyMoved> {
    return this.#moved("refunds", "created_at", span);
  }

  async paidOut(span: Span): Promise<MoneyMoved> {
    return this.#moved("payouts", "created_at", span);
  }

  async newcomers({
    from,
    to,
  }: Span): Promise<{ readonly operators: number; readonly skills: number }> {
    const { rows } = await sql<{ operators: number; skills: number }>`
      select (select count(*) from operators where created_at >= ${from} and created_at < ${to}) as operators,
        (select count(*) from skills where created_at >= ${from} and created_at < ${to}) as skills`.execute(
      this.db,
    );
    return rows[0] ?? { operators: 0, skills: 0 };
  }

  async waiting(): Promise<Waiting> {
    const { rows } = await sql<Waiting>`
      select (select count(*) from invocations where status = 'pending' and awaits_approval = 0) as pending,
        (select count(*) from invocations where status = 'pending' and awaits_approval = 1) as approvals,
        (select count(*) from skills where status = 'pending_review') as reviews,
        (select count(*) from payouts where status = 'in_transit') as unpaid_payouts`.execute(
      this.db,
    );
    return rows[0] as Waiting;
  }

  /**
   * The time of the newest operator, skill, run or end of a run; null in a database without
   * any.
   */
  async newest(): Promise<number | null> {
    const { rows } = await sql<{ at: number | null }>`
      select max(at) as at from (select max(created_at) as at from operators
        union all select max(created_at) from skills
        union all select created_at from (select created_at from invocations order by id desc limit 1)
        union all select max(completed_at) from invocations)`.execute(this.db);
    return rows[0]?.at ?? null;
  }

  /** Of runs that are not over, and how many of them should have been before then. */
  async holds(
    before: number,
  ): Promise<{ readonly count: number; readonly cents: number; readonly overdue: number }> {
    const { rows } = await sql<{ count: number; cents: number; overdue: number }>`
      select count(*) as count, coalesce(sum(h.amount_cents), 0) as cents,
        count(*) filter (where i.expires_at < ${before}) as overdue
      from holds h join invocations i on i.id = h.ref where h.state = 'pending'`.execute(this.db);
    return rows[0] ?? { count: 0, cents: 0, overdue: 0 };
  }

  async unpaidPayouts(): Promise<{ readonly count: number; readonly oldest: number | null }> {
    const { rows } = await sql<{ count: number; oldest: number | null }>`
      select count(*) as count, min(created_at) as oldest from payouts where status = 'in_transit'`.execute(
      this.db,
    );
    return rows[0] ?? { count: 0, oldest: null };
  }

  async #moved(
    table: "topups" | "refunds" | "payouts",
    column: string,
    { from, to }: Span,
  ): Promise<MoneyMoved> {
    const { rows } = await sql<MoneyMoved>`
      select count(*) as count, coalesce(sum(amount_cents), 0) as cents from ${sql.table(table)}
      where ${sql.ref(column)} >= ${from} and ${sql.ref(column)} < ${to}`.execute(this.db);
    return rows[0] ?? { count: 0, cents: 0 };
  }
}
