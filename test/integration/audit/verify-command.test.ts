import { expect, test } from "vitest";
import { testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { settledTrade } from "../../helpers/settled-trade.ts";

test.each([
  [
    "a flipped byte",
    "update audit_log set body = replace(body, 'skill.settle', 'skill.setTle') where body like '%skill.settle%'",
    /was altered/,
  ],
  ["a deleted row", "delete from audit_log where seq = 2", /row 2 is missing/],
  ["a cut tail", "delete from audit_log where seq > 1", /head is row/],
  ["a chain that is gone", "delete from audit_log; delete from audit_heads", /chain is gone/],
  [
    "a row before the first",
    "insert into audit_log select operator_id, 0, body, hash from audit_log limit 1",
    /row 0/,
  ],
  [
    "a body that is no JSON",
    "update audit_log set body = 'x', hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' where seq = 1",
    /row 1/,
  ],
  ["a rewritten head", "update audit_heads set hash = 'x'", /head/],
])("finds %s in audit verify", async (_, statement, problem) => {
  const { raw, home } = await settledTrade();
  raw.exec("drop trigger audit_log_update");
  raw.exec("drop trigger audit_log_delete");
  raw.exec(statement);
  const ran = await runProgram(["audit", "verify", "--json"], testEnv(home));
  expect(ran.code).toBe(1);
  const { chains } = JSON.parse(ran.stdout) as { chains: { problem?: string }[] };
  expect(chains.map((chain) => chain.problem ?? "").join("\n")).toMatch(problem);
});
