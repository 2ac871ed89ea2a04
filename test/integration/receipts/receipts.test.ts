import { expect, test } from "vitest";
import { verifyReceiptOffline } from "../../../src/sdk/index.ts";
import { carrying, issue, registerAgent } from "../../helpers/agents.ts";
import { openTestApp } from "../../helpers/app.ts";
import { rawDatabase } from "../../helpers/raw-database.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

interface Receipt {
  readonly receipt: string;
  readonly claims: Record<string, unknown>;
}

async function world() {
  const opened = await openTestApp();
  const [seller, buyer] = [
    await opened.createOperator("seller"),
    await opened.createOperator("buyer"),
  ];
  const agent = await registerAgent(buyer, "helper");
  const issued = await issue(buyer, agent.id);
  return { ...opened, seller, buyer, agent, issued, passport: carrying(opened.app, issued.token) };
}

test("says in a receipt what ran and where every cent went, verifiable offline", async () => {
  const { app, seller, buyer, agent, issued, passport } = await world();
  const skill = await seller.ok<{ id: string; digest: string }>(
    "stack_publish_skill",
    sealedScript("return { n: 1 };"),
  );
  const run = await passport.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 20_000,
  });
  const { receipt } = await passport.ok<Receipt>("stack_get_receipt", { invocation_id: run.id });
  const claims = await verifyReceiptOffline(receipt, {
    jwks: await app.services.signingKeys.jwks(),
  });
  expect(claims).toMatchObject({
    invocation_id: run.id,
    status: "completed",
    operator_id: buyer.id,
    publisher_id: seller.id,
    agent_id: agent.id,
    passport_jti: issued.jti,
    skill_id: skill.id,
    digest: skill.digest,
    input_digest: expect.stringMatching(/^sha256:/),
    output_digest: expect.stringMatching(/^sha256:/),
    isolation: expect.stringMatching(/^process/),
    money: {
      price_cents: 25,
      ledger_tx: expect.stringMatching(/^ltx_/),
      hold: expect.stringMatching(/^hold_/),
    },
    audit: {
      operator_id: buyer.id,
      seq: expect.any(Number),
      entry_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  const { money } = claims as { money: Record<string, number> };
  const parts = [
    "publisher_cents",
    "commission_cents",
    "compute_recovery_cents",
    "compute_markup_cents",
  ];
  expect(parts.reduce((sum, name) => sum + (money[name] ?? Number.NaN), 0)).toBe(
    money.charged_cents,
  );
  const again = await buyer.ok<Receipt>("stack_get_receipt", { invocation_id: run.id });
  expect(again.receipt).toBe(receipt);
  await app.services.signingKeys.rotate(buyer.id);
  expect((await buyer.ok<Receipt>("stack_get_receipt", { invocation_id: run.id })).receipt).toBe(
    receipt,
  );
});

test("gives a receipt to the buyer only, at the end, charged or not", async () => {
  const { seller, buyer, createOperator, passport } = await world();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  const open = await passport.ok<{ id: string }>("stack_invoke_skill", order);
  const ask = { invocation_id: open.id };
  expect(await buyer.refused("stack_get_receipt", ask)).toMatchObject({
    code: "INVOCATION_NOT_OPEN",
  });
  await seller.ok("stack_fail_invocation", ask);
  expect((await buyer.ok<Receipt>("stack_get_receipt", ask)).claims).toMatchObject({
    status: "failed",
    verdict: "provider_failed",
    isolation: "provider",
    output_digest: null,
    money: { charged_cents: 0, ledger_tx: null, hold_cents: 100 },
  });
  for (const other of [seller, await createOperator("stranger")]) {
    expect(await other.refused("stack_get_receipt", ask)).toMatchObject({
      code: "INVOCATION_NOT_FOUND",
    });
  }
});

test.each([
  [
    "other facts",
    "update receipts set facts = replace(facts, '\"charged_cents\":0', '\"charged_cents\":9')",
  ],
  [
    "the facts of another",
    "update receipts set facts = (select facts from receipts order by audit_seq desc limit 1)",
  ],
  ["another place in the log", "update receipts set audit_seq = audit_seq - 1"],
  ["another signature", "update receipts set jws = substr(jws, 1, length(jws) - 6) || 'AAAAAA'"],
  [
    "another's signature",
    "update receipts set jws = (select jws from receipts order by audit_seq desc limit 1)",
  ],
])("withholds a receipt with %s", async (_, statement) => {
  const { home, seller, buyer, passport } = await world();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const ids = [];
  for (let i = 0; i < 2; i++) {
    const { id } = await passport.ok<{ id: string }>("stack_invoke_skill", {
      skill_id: skill.id,
      input: { i },
      wait_ms: 0,
    });
    await passport.ok("stack_cancel_invocation", { invocation_id: id });
    await buyer.ok("stack_get_receipt", { invocation_id: id });
    ids.push(id);
  }
  rawDatabase(home).exec(statement);
  const refused = await buyer.refused("stack_get_receipt", { invocation_id: ids[0] });
  expect(refused).toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("audit log"),
  });
});
