import { expect, test } from "vitest";
import { settledTrade } from "../../helpers/settled-trade.ts";

test.each([
  ["an entry is changed", "update ledger_entries set amount_cents = 1", /never changed/],
  ["an entry is deleted", "delete from ledger_entries", /never deleted/],
  [
    "an entry is added to a sealed transaction",
    "insert into ledger_entries (tx_id, account_id, amount_cents) select id, 'suspense', 1 from ledger_tx limit 1",
    /sealed/,
  ],
  ["a transaction is deleted", "delete from ledger_tx", /never deleted/],
  ["a sealed transaction is changed", "update ledger_tx set ref = 'x'", /never changed/],
  [
    "a transaction is born sealed",
    "insert into ledger_tx values ('ltx_x', 'grant', 'x', 1, 0)",
    /starts unsealed/,
  ],
  ["a hold is settled again", "update holds set state = 'settled'", /leaves pending once/],
  ["a hold is deleted", "delete from holds", /never deleted/],
  [
    "a wallet is overdrawn",
    "update accounts set held_cents = posted_cents + 1 where guarded = 1",
    /CHECK/,
  ],
  ["an audit row is changed", "update audit_log set body = '{}'", /never changed/],
  ["an audit row is deleted", "delete from audit_log", /only behind a checkpoint/],
  ["a skill version is changed", "update skill_versions set price_cents = 0", /immutable/],
])("refuses in the database when %s", async (_, statement, reason) => {
  const { raw } = await settledTrade();
  expect(() => raw.exec(statement)).toThrow(reason);
});

test("refuses to seal a transaction that does not balance", async () => {
  const { raw } = await settledTrade();
  raw.exec("insert into ledger_tx values ('ltx_x', 'grant', 'x', 0, 0)");
  raw.exec(
    "insert into ledger_entries (tx_id, account_id, amount_cents) values ('ltx_x', 'platform:grants', -5)",
  );
  expect(() => raw.exec("update ledger_tx set sealed = 1 where id = 'ltx_x'")).toThrow(
    /does not balance/,
  );
});
