import { describe, expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS, INVOICE } from "../../../src/faces/cli/demo/skills.ts";
import { CLIENT_KINDS, connect, errorIn } from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";

const OUTPUT = { subtotal: 420, tax: 35, total: 455, currency: "USD" };

async function createOperator(home: string, name: string): Promise<string> {
  const { stdout } = await runProgram(
    ["operator", "create", name, "--fund", "1000", "--json"],
    testEnv(home),
  );
  return (JSON.parse(stdout) as { api_key: string }).api_key;
}

describe.each(CLIENT_KINDS)("two operators trade through a %s client", (kind) => {
  test("publishes, buys, runs and settles a sealed skill, and does not charge twice", async () => {
    const home = makeHome();
    const [sellerKey, buyerKey] = [
      await createOperator(home, "seller"),
      await createOperator(home, "buyer"),
    ];
    const seller = await connect(kind, testEnv(home, { STACK_API_KEY: sellerKey }));
    const buyer = await connect(kind, testEnv(home, { STACK_API_KEY: buyerKey }));

    const skill = await seller.call("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
    expect(skill.structured).toMatchObject({
      status: "active",
      execution_mode: "sealed",
      price_per_invocation: 25,
    });
    expect(JSON.parse(skill.text)).toEqual(skill.structured);
    const skillId = skill.structured?.id;

    const found = await buyer.call("stack_browse_skills", { search: "invoice totals" });
    expect(found.structured?.items).toEqual([expect.objectContaining({ id: skillId })]);

    const messages: string[] = [];
    const order = { skill_id: skillId, input: INVOICE, idempotency_key: "k", wait_ms: 20_000 };
    const run = await buyer.call("stack_invoke_skill", order, (message) => messages.push(message));
    expect(run.structured).toMatchObject({
      status: "completed",
      output: OUTPUT,
      cost_cents: 25,
      compute_cost_cents: 1,
      charged_cents: 26,
      held_cents: 0,
      stand_in: true,
    });
    expect(messages[0]).toBe("Running step 1 of 2");

    const again = await buyer.call("stack_invoke_skill", order);
    expect(again.structured).toEqual({ ...run.structured, replayed: true });
    const wallet = await buyer.call("stack_get_balance");
    expect(wallet.structured).toMatchObject({
      balance_cents: 974,
      balance_usd: "$9.74",
      held_cents: 0,
    });
    const earnings = await seller.call("stack_get_balance");
    expect(earnings.structured).toMatchObject({ balance_cents: 1_000, earnings_cents: 17 });

    const poor = await buyer.call("stack_invoke_skill", { skill_id: "skl_nothing", input: {} });
    expect(poor.isError).toBe(true);
    expect(errorIn(poor.text)).toMatchObject({ error: { code: "SKILL_NOT_FOUND" } });

    const ledger = await runProgram(["ledger", "verify", "--json"], testEnv(home));
    expect(JSON.parse(ledger.stdout)).toEqual({ ok: true, problems: [] });
    const audit = await runProgram(["audit", "verify", "--json"], testEnv(home));
    expect(JSON.parse(audit.stdout)).toMatchObject({ ok: true });
  });
});
