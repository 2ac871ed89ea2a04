import { expect } from "vitest";
import type { TestApp } from "./app.ts";
import type { Operator } from "./operator.ts";
import { openSkill } from "./skills.ts";

/** Sells `count` pieces of work by hand at `price` cents. */
export async function sell(
  seller: Operator,
  buyer: Operator,
  price: number,
  count = 1,
): Promise<void> {
  const name = `work-at-${price}`;
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ name, price_per_invocation: price }),
  );
  for (let i = 0; i < count; i++) {
    const order = { skill_id: skill.id, input: { i }, wait_ms: 0 };
    const { id } = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
    await seller.ok("stack_complete_invocation", { invocation_id: id, output: { text: "done" } });
  }
}

/** `ledger verify` finds nothing. */
export async function expectSoundLedger({ app }: Pick<TestApp, "app">): Promise<void> {
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
}

/** And the audit log's chains hold. */
export async function expectSoundBooks({ app }: Pick<TestApp, "app">): Promise<void> {
  await expectSoundLedger({ app });
  expect(
    (await app.services.audit.verify()).filter(({ problem }) => problem !== undefined),
  ).toEqual([]);
}
