import fc from "fast-check";
import { expect, test } from "vitest";
import { type Movement, postingsOf } from "../../../../src/domain/money/ledger.ts";
import { splitSettlement } from "../../../../src/domain/money/money.ts";
import { settledRun } from "../../../helpers/settled-runs.ts";

test("balances the postings of every settlement, with one line an account", () => {
  const ids = fc.constantFrom("op_a", "op_b");
  fc.assert(
    fc.property(settledRun, ids, ids, (given, operatorId, publisherId) => {
      const split = splitSettlement(given);
      const movement: Movement = { kind: "settle", ref: "x", operatorId, publisherId, split };
      const postings = postingsOf(movement);
      expect(postings.reduce((sum, posting) => sum + posting.amountCents, 0)).toBe(0);
      expect(new Set(postings.map((posting) => posting.account)).size).toBe(postings.length);
    }),
  );
});
