import { expect, test } from "vitest";
import { brokenLink, chainRow, GENESIS_HASH } from "../../../../src/domain/audit/audit.ts";

test("breaks a chain where a row is altered, moved or missing", () => {
  const event = { operatorId: "op_a", action: "agent.delete", outcome: "success" } as const;
  const timestamp = "2026-01-01T00:00:00.000Z";
  const first = chainRow(event, { entryId: "aud_1", seq: 1, timestamp, prevHash: GENESIS_HASH });
  const second = chainRow(event, { entryId: "aud_2", seq: 2, timestamp, prevHash: first.hash });
  expect(brokenLink(first, { seq: 1, prevHash: GENESIS_HASH })).toBeUndefined();
  expect(brokenLink(second, { seq: 2, prevHash: first.hash })).toBeUndefined();
  expect(brokenLink(second, { seq: 1, prevHash: GENESIS_HASH })).toMatch(/missing/);
  expect(
    brokenLink(
      { ...second, body: second.body.replace('"agent.delete"', '"agent.update"') },
      { seq: 2, prevHash: first.hash },
    ),
  ).toMatch(/altered/);
  expect(brokenLink(second, { seq: 2, prevHash: GENESIS_HASH })).toMatch(/does not follow/);
  expect(brokenLink({ ...first, operatorId: "op_b" }, { seq: 1, prevHash: GENESIS_HASH })).toMatch(
    /moved/,
  );
});
