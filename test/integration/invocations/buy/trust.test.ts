import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { issue, registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { openMarket } from "../../../helpers/market.ts";
import { openSkill, type Shown, sealedScript } from "../../../helpers/skills.ts";

test("takes claims and a payment token without believing or repeating them", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ trust_level_required: "L1" }),
  );
  const named = async (who: typeof buyer) => {
    const { id: agent_id } = await registerAgent(who, "consumer");
    return { agent_id, passport_id: (await issue(who, agent_id)).jti };
  };
  const order = {
    skill_id: skill.id,
    input: { url: "https://example.com/doc.pdf" },
    passport_claims: [{ claim_type: "verified_human", assurance_level: "high" }],
    payment_token: "0xBuyerAddress",
    wait_ms: 0,
  };
  const foreign = await named(await createOperator("foreign"));
  expect((await buyer.refused("stack_invoke_skill", { ...order, ...foreign })).code).toBe(
    "NOT_FOUND",
  );
  const own = await named(buyer);
  expect((await buyer.refused("stack_invoke_skill", { ...order, ...own })).code).toBe(
    "TRUST_LEVEL_INSUFFICIENT",
  );
  const human = await createOperator("human", { claimTypes: ["verified_human"] });
  const run = await human.ok<Shown>("stack_invoke_skill", { ...order, ...(await named(human)) });
  expect(run.status).toBe("pending");
  expect(JSON.stringify(run)).not.toContain("0xBuyer");
});

test("lifts trust by a claim until that expires or is revoked", async () => {
  let now = Date.now();
  const { home, createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, human] = [
    await createOperator("seller"),
    await createOperator("human", { claimTypes: ["verified_human"] }),
  ];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ trust_level_required: "L1" }),
  );
  const raw = new Database(join(home, "stack.db"));
  raw.prepare("update claims set expires_at = ?").run(now + 1_000);
  const allowed = async () =>
    (await human.ok("stack_check_trust_level", { skill_id: skill.id })).allowed;
  expect(await allowed()).toBe(true);
  now += 1_000;
  expect(await allowed()).toBe(false);
  raw.exec("update claims set expires_at = null");
  expect(await allowed()).toBe(true);
  raw.exec("update claims set revoked_at = 1");
  expect(await allowed()).toBe(false);
  raw.close();
});

test.each([
  ["L1", "verified_human"],
  ["L2", "verified_identity"],
])("requires for trust level %s an active %s claim", async (level, claim) => {
  const { publish, buyer, createOperator } = await openMarket();
  const skill_id = await publish(sealedScript("return {};", { trust_level_required: level }));
  expect(await buyer.ok("stack_check_trust_level", { skill_id })).toMatchObject({
    allowed: false,
    your_level: "L0",
  });
  const refused = await buyer.refused("stack_invoke_skill", { skill_id, input: {} });
  expect(refused.code).toBe("TRUST_LEVEL_INSUFFICIENT");
  expect(refused.message).toContain(claim);
  const claims = [{ claim_type: claim, assurance_level: "high" }];
  expect(
    await buyer.ok("stack_check_trust_level", { skill_id, passport_claims: claims }),
  ).toMatchObject({
    allowed: true,
  });
  const trusted = await createOperator("trusted", { claimTypes: [claim] });
  expect(
    await trusted.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 }),
  ).toMatchObject({
    status: "completed",
  });
});
