import { expect, test } from "vitest";
import { auditedWorld } from "../../helpers/audited-world.ts";

test("logs who acted and what an agent was refused, and no content", async () => {
  const { buyer, agent, passport, carried } = await auditedWorld();
  await carried.refused("stack_list_transactions");
  const ask = (query: object) =>
    buyer.ok<{
      entries: { action: string; outcome: string; error_code: string; agent_id: string }[];
      max_timestamp: number;
    }>("stack_query_audit", { limit: 100, ...query });
  const byPassport = await ask({ passport_jti: passport.jti });
  expect(byPassport.entries[0]).toMatchObject({
    action: "credential.refused",
    outcome: "blocked",
    error_code: "FORBIDDEN",
  });
  expect(new Set(byPassport.entries.map(({ action }) => action))).toEqual(
    new Set(["credential.refused", "skill.void", "skill.invoke", "passport.issue"]),
  );
  const byAgent = await ask({ agent_id: agent.id });
  expect(byAgent.entries.every(({ agent_id }) => agent_id === agent.id)).toBe(true);
  expect(byAgent.entries.at(-1)).toMatchObject({ action: "agent.register" });
  expect((await ask({ since: byAgent.max_timestamp })).entries).toEqual([]);
  const page = await ask({ limit: 2 });
  const next = await ask({
    limit: 2,
    before_seq: (page as unknown as { next_before_seq: number }).next_before_seq,
  });
  expect(next.entries[0]).toMatchObject({
    seq: ((page as unknown as { next_before_seq: number }).next_before_seq ?? 0) - 1,
  });
  expect(await carried.refused("stack_query_audit")).toMatchObject({ code: "FORBIDDEN" });
});
