import { sql } from "kysely";
import type { AuditEvent } from "../../src/domain/audit/audit.ts";
import {
  ACCOUNTS,
  type Movement,
  type MovementKind,
  type Posting,
  postingsOf,
} from "../../src/domain/money/ledger.ts";
import { assert, DomainError } from "../../src/shared/errors.ts";
import { newId } from "../../src/shared/ids.ts";
import { type ReadHandle, Repository, type WriteHandle } from "../repository.ts";
import { AuditWriter } from "./audit.ts";

export interface Balance {
  /** Cents that can be spent: posted ones less held ones. */
  readonly balanceCents: number;
  readonly heldCents: number;
  /** Earned and not yet paid out. */
  readonly earningsCents: number;
}

/** A line of a wallet's history. */
export interface WalletLine {
  readonly entryId: number;
  readonly txId: string;
  readonly kind: string;
  readonly ref: string;
  readonly amountCents: number;
  readonly balanceAfterCents: number;
  readonly createdAt: number;
  readonly skillName: string | null;
}

export interface WalletFilter {
  readonly operatorId: string;
  readonly kinds?: readonly MovementKind[] | undefined;
  /** Inclusive. */
  readonly from?: number | undefined;
  /** Exclusive. */
  readonly to?: number | undefined;
  readonly beforeEntryId?: number | undefined;
  readonly offset?: number | undefined;
  readonly limit: number;
}

export class LedgerReader<H extends ReadHandle = ReadHandle> extends Repository<H> {
  async balanceOf(operatorId: string): Promise<Balance> {
    const [walletId, earningsId] = [ACCOUNTS.wallet(operatorId), ACCOUNTS.earnings(operatorId)];
    const rows = await this.db
      .selectFrom("accounts")
      .select(["id", "posted_cents", "held_cents"])
      .where("id", "in", [walletId, earningsId])
      .execute();
    const wallet = rows.find((row) => row.id === walletId);
    const heldCents = wallet?.held_cents ?? 0;
    return {
      balanceCents: (wallet?.posted_cents ?? 0) - heldCents,
      heldCents,
      earningsCents: rows.find((row) => row.id === earningsId)?.posted_cents ?? 0,
    };
  }

  /** A wallet's entries, newest first; one more than `limit` when there is more. */
  async walletLines(filter: WalletFilter): Promise<WalletLine[]> {
    const account = ACCOUNTS.wallet(filter.operatorId);
    const { kinds, from, to, beforeEntryId } = filter;
    const { rows } = await sql<Omit<WalletLine, "balanceAfterCents">>`
      select e.id as "entryId", t.id as "txId", t.kind, t.ref, e.amount_cents as "amountCents", t.created_at as "createdAt",
        (select s.name from invocations i join skills s on s.id = i.skill_id where i.id = t.ref) as "skillName"
      from ledger_entries e join ledger_tx t on t.id = e.tx_id
      where e.account_id = ${account}
        ${kinds ? sql`and t.kind in (${sql.join(kinds)})` : sql``}
        ${from === undefined ? sql`` : sql`and t.created_at >= ${from}`}
        ${to === undefined ? sql`` : sql`and t.created_at < ${to}`}
        ${beforeEntryId === undefined ? sql`` : sql`and e.id < ${beforeEntryId}`}
      order by e.id desc limit ${filter.limit + 1} offset ${filter.offset ?? 0}`.execute(this.db);
    return this.#withBalances(account, rows);
  }

  /** Counts back once: from now to the first line, and from each line to the one before it. */
  async #withBalances(
    account: string,
    lines: readonly Omit<WalletLine, "balanceAfterCents">[],
  ): Promise<WalletLine[]> {
    let after = Number.MAX_SAFE_INTEGER;
    let balance = await this.#sumBetween(account, 0, after);
    const counted = [];
    for (const line of lines) {
      balance -= await this.#sumBetween(account, line.entryId, after);
      counted.push({ ...line, balanceAfterCents: balance });
      after = line.entryId;
    }
    return counted;
  }

  /** The sum of an account's entries after one and up to another. */
  async #sumBetween(account: string, afterId: number, uptoId: number): Promise<number> {
    const { cents } = await this.db
      .selectFrom("ledger_entries")
      .select((eb) => eb.fn.coalesce(eb.fn.sum<number>("amount_cents"), eb.lit(0)).as("cents"))
      .where("account_id", "=", account)
      .where("id", ">", afterId)
      .where("id", "<=", uptoId)
      .executeTakeFirstOrThrow();
    return cents;
  }

  async findHold(ref: string): Promise<{ id: string; amount_cents: number } | undefined> {
    return this.db
      .selectFrom("holds")
      .select(["id", "amount_cents"])
      .where("ref", "=", ref)
      .executeTakeFirst();
  }

  /** Publishers and what they earned before a point in time and were not paid yet. */
  async listUnpaid(
    before: number,
    publisherId?: string,
  ): Promise<{ publisherId: string; amountCents: number }[]> {
    const { rows } = await sql<{ publisherId: string; amountCents: number }>`
      select a.owner_id as "publisherId", a.posted_cents - coalesce((
        select sum(e.amount_cents) from ledger_entries e join ledger_tx t on t.id = e.tx_id
        where e.account_id = a.id and t.kind = 'settle' and t.created_at >= ${before}), 0) as "amountCents"
      from accounts a where ${publisherId === undefined ? sql`a.id like 'earnings:%'` : sql`a.id = ${ACCOUNTS.earnings(publisherId)}`}
        and a.posted_cents > 0 order by a.id`.execute(this.db);
    return rows;
  }

  /** Lists a publisher's earnings by skill, largest first. */
  async earnedBySkill(publisherId: string, limit: number) {
    const { rows } = await sql<{
      skill_id: string;
      name: string;
      invocations: number;
      earned_cents: number;
    }>`
      select earned.skill_id, s.name, earned.invocations, earned.earned_cents from (
        select skill_id, count(*) as invocations, sum(publisher_cents + service_cents) as earned_cents from invocations
        where status = 'completed' and publisher_id = ${publisherId} group by skill_id) as earned
      join skills s on s.id = earned.skill_id
      order by earned.earned_cents desc, earned.skill_id limit ${limit}`.execute(this.db);
    return rows;
  }
}

export class LedgerWriter extends LedgerReader<WriteHandle> {
  readonly #audit = new AuditWriter(this.handle);

  /**
   * Moves money, and is the only method that does: checks and holds cents, posts balanced entries,
   * closes them, and appends the audit rows, all in the caller's transaction, which has named every
   * operator whose accounts it touches. Returns the rows' places in their chains. Throws
   * INSUFFICIENT_CREDITS for a hold or a debit that the wallet does not cover.
   */
  async record(movement: Movement, ...events: readonly AuditEvent[]): Promise<number[]> {
    switch (movement.kind) {
      case "refund":
      case "subscribe":
        await this.#requireSpendable(movement.operatorId, movement.amountCents);
        await this.#post(movement);
        break;
      case "hold":
        await this.#hold(movement);
        break;
      case "settle":
        await this.#release(movement.ref, "settled");
        await this.#post(movement);
        break;
      case "void":
        await this.#release(movement.ref, "voided");
        break;
      default:
        await this.#post(movement);
    }
    const seqs = [];
    for (const event of events) seqs.push(await this.#audit.append(event));
    return seqs;
  }

  async #hold(movement: Extract<Movement, { kind: "hold" }>): Promise<void> {
    const { operatorId, amountCents, ref } = movement;
    const accountId = ACCOUNTS.wallet(operatorId);
    await this.#ensureAccount(accountId);
    const bound = await this.db
      .updateTable("accounts")
      .set((eb) => ({ held_cents: eb("held_cents", "+", amountCents) }))
      .where("id", "=", accountId)
      .where((eb) => eb(eb("posted_cents", "-", eb.ref("held_cents")), ">=", amountCents))
      .returning("id")
      .executeTakeFirst();
    if (!bound) throw await this.#insufficient(operatorId, amountCents);
    const row = { account_id: accountId, amount_cents: amountCents, state: "pending" as const };
    await this.db
      .insertInto("holds")
      .values({ id: newId("hold"), ref, ...row, created_at: this.handle.clock.now() })
      .execute();
  }

  async #requireSpendable(operatorId: string, amountCents: number): Promise<void> {
    const { balanceCents } = await this.balanceOf(operatorId);
    if (balanceCents < amountCents) throw await this.#insufficient(operatorId, amountCents);
  }

  async #insufficient(operatorId: string, requiredCents: number): Promise<DomainError> {
    const { balanceCents } = await this.balanceOf(operatorId);
    const message = `The wallet has ${balanceCents} cents to spend and this needs ${requiredCents}. Add money with stack_topup, or \`stack-mcp operator fund ${operatorId} <cents>\`, then try again.`;
    return new DomainError("INSUFFICIENT_CREDITS", message, {
      required_cents: requiredCents,
      balance_cents: balanceCents,
    });
  }

  async #release(ref: string, state: "settled" | "voided"): Promise<void> {
    const hold = await this.db
      .updateTable("holds")
      .set({ state })
      .where("ref", "=", ref)
      .where("state", "=", "pending")
      .returning(["account_id", "amount_cents"])
      .executeTakeFirst();
    assert(hold, "a hold leaves pending exactly once");
    this.handle.gates.require(ownerOf(hold.account_id) ?? "");
    await this.db
      .updateTable("accounts")
      .set((eb) => ({ held_cents: eb("held_cents", "-", hold.amount_cents) }))
      .where("id", "=", hold.account_id)
      .execute();
  }

  async #post(movement: Movement): Promise<void> {
    const postings = postingsOf(movement);
    const txId = (movement.kind === "settle" ? movement.txId : undefined) ?? newId("ltx");
    const { kind, ref } = movement;
    await this.db
      .insertInto("ledger_tx")
      .values({ id: txId, kind, ref, sealed: 0, created_at: this.handle.clock.now() })
      .execute();
    for (const posting of postings) await this.#insertEntry(txId, posting);
    await this.db.updateTable("ledger_tx").set({ sealed: 1 }).where("id", "=", txId).execute();
  }

  async #insertEntry(txId: string, posting: Posting): Promise<void> {
    await this.#ensureAccount(posting.account);
    await this.db
      .insertInto("ledger_entries")
      .values({ tx_id: txId, account_id: posting.account, amount_cents: posting.amountCents })
      .execute();
  }

  /**
   * The accounts of operators are materialised; those of the platform are summed from their
   * entries.
   */
  async #ensureAccount(id: string): Promise<void> {
    const ownerId = ownerOf(id);
    if (ownerId === undefined) return;
    this.handle.gates.require(ownerId);
    const guarded = id === ACCOUNTS.earnings(ownerId) ? 0 : 1;
    await this.db
      .insertInto("accounts")
      .values({ id, owner_id: ownerId, guarded, posted_cents: 0, held_cents: 0 })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
}

const OPERATOR_ACCOUNTS = ["wallet", "earnings", "payout"];

/** The operator whose account it is; undefined for one of the platform's. */
function ownerOf(accountId: string): string | undefined {
  const [kind = "", ownerId] = accountId.split(":", 2);
  return OPERATOR_ACCOUNTS.includes(kind) ? ownerId : undefined;
}
