import { type Kysely, sql } from "kysely";
import type { MovementKind } from "../../src/domain/money/ledger.ts";
import type { Schema } from "../schema/index.ts";

/**
 * The ledger's invariants, each with the rows that break it. Nothing found means that the ledger is
 * sound.
 */
export async function findLedgerProblems(db: Kysely<Schema>): Promise<string[]> {
  const problems: string[] = [];
  for (const [sentence, query] of INVARIANTS) {
    const { rows } = await sql.raw<{ id: string }>(`${query} limit 20`).execute(db);
    problems.push(...rows.map((row) => `${sentence}: ${row.id}`));
  }
  return problems;
}

const SETTLED = "(select count(*) from ledger_tx t where t.kind = 'settle' and t.ref = i.id)";

/** The cents that a movement posted to an account. */
const MOVED = (kind: MovementKind, ref: string, account: string) =>
  `coalesce((select sum(e.amount_cents) from ledger_entries e join ledger_tx t on t.id = e.tx_id where t.kind = '${kind}' and t.ref = ${ref} and e.account_id = ${account}), 0)`;

const POSTED = (account: string) => MOVED("settle", "i.id", account);

const INVARIANTS: readonly (readonly [string, string])[] = [
  [
    "a transaction's entries do not sum to zero",
    "select tx_id as id from ledger_entries group by tx_id having sum(amount_cents) <> 0",
  ],
  ["a transaction is not sealed", "select id from ledger_tx where sealed = 0"],
  [
    "an entry belongs to no transaction",
    "select cast(id as text) as id from ledger_entries where tx_id not in (select id from ledger_tx)",
  ],
  [
    "an account's posted cents are not the sum of its entries",
    "select id from accounts a where posted_cents <> coalesce((select sum(amount_cents) from ledger_entries e where e.account_id = a.id), 0)",
  ],
  [
    "an account's held cents are not the sum of its pending holds",
    "select id from accounts a where held_cents <> coalesce((select sum(amount_cents) from holds h where h.account_id = a.id and h.state = 'pending'), 0)",
  ],
  [
    "an earnings account is overdrawn",
    "select id from accounts where id like 'earnings:%' and posted_cents < 0",
  ],
  [
    "a wallet is overdrawn",
    "select id from accounts where guarded = 1 and posted_cents - held_cents < 0",
  ],
  [
    "an operator's account is missing",
    "select distinct account_id as id from ledger_entries where substr(account_id, 1, instr(account_id, ':') - 1) in ('wallet', 'earnings', 'payout') and account_id not in (select id from accounts)",
  ],
  [
    "an invocation is completed without exactly one settlement",
    `select i.id from invocations i where i.status = 'completed' and ${SETTLED} <> 1`,
  ],
  [
    "an invocation was settled without being completed",
    `select i.id from invocations i where i.status <> 'completed' and ${SETTLED} <> 0`,
  ],
  [
    "a hold does not match the state of its invocation",
    `select h.ref as id from holds h join invocations i on i.id = h.ref where h.state <>
      case when i.status = 'completed' then 'settled' when i.status in ('pending', 'processing') then 'pending' else 'voided' end`,
  ],
  [
    "a hold is not the price and reserves of its invocation, or not on its buyer's wallet",
    "select h.ref as id from holds h join invocations i on i.id = h.ref where h.amount_cents <> i.price_cents + i.reserve_cents + i.service_reserve_cents or h.account_id <> 'wallet:' || i.buyer_id",
  ],
  [
    "a settlement is not what its invocation says was charged",
    `select i.id from invocations i where i.status = 'completed' and i.price_cents + i.compute_cents + i.service_cents + i.service_markup_cents <> -1 * ${POSTED("'wallet:' || i.buyer_id")}`,
  ],
  [
    "a settlement is not what its invocation says was earned",
    `select i.id from invocations i where i.status = 'completed' and i.publisher_cents + i.service_cents <> ${POSTED("'earnings:' || i.publisher_id")}`,
  ],
  [
    "a top-up's state does not match the ledger",
    `select u.id from topups u where ${MOVED("topup", "u.id", "'wallet:' || u.operator_id")} <> case when u.status = 'paid' then u.amount_cents else 0 end`,
  ],
  [
    "a top-up in the ledger belongs to none",
    "select ref as id from ledger_tx where kind = 'topup' and ref not in (select id from topups)",
  ],
  [
    "a top-up's refunded cents are not the sum of its refunds",
    "select id from topups u where refunded_cents <> coalesce((select sum(amount_cents) from refunds r where r.topup_id = u.id), 0)",
  ],
  [
    "a refund does not match the ledger",
    `select r.id from refunds r join topups u on u.id = r.topup_id where ${MOVED("refund", "r.id", "'wallet:' || u.operator_id")} <> -r.amount_cents`,
  ],
  [
    "a refund in the ledger belongs to none",
    "select ref as id from ledger_tx where kind = 'refund' and ref not in (select id from refunds)",
  ],
  [
    "the clearing account of the local processor does not return to zero",
    "select account_id as id from ledger_entries where account_id = 'clearing:local' group by account_id having sum(amount_cents) <> 0",
  ],
  [
    "a payout does not match the ledger",
    `select p.id from payouts p where ${MOVED("payout", "p.id", "'earnings:' || p.publisher_id")} <> -p.amount_cents`,
  ],
  [
    "a payout in the ledger belongs to none",
    "select ref as id from ledger_tx where kind in ('payout', 'payout_paid') and ref not in (select id from payouts)",
  ],
  [
    "a payout's arrival does not match its state",
    `select p.id from payouts p where ${MOVED("payout_paid", "p.id", "'payout:' || p.publisher_id || ':in_transit'")} <> case when p.status = 'paid' then -p.amount_cents else 0 end`,
  ],
  [
    "an invocation's calls with its publisher's credentials came to more than was held for them",
    "select id from invocations where service_cents + service_markup_cents > service_reserve_cents",
  ],
  [
    "an invocation has no hold",
    "select id from invocations where id not in (select ref from holds)",
  ],
  [
    "the books do not balance",
    "select 'all accounts' as id from (select sum(amount_cents) as total from ledger_entries) as books where total <> 0",
  ],
];
