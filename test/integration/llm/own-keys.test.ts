import { describe, expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { says, startLlmServer, status } from "../../helpers/llm-server.ts";
import { connectAs, invoke, SECRET, SELLER_SECRET } from "../../helpers/service-world.ts";
import { sealedScript } from "../../helpers/skills.ts";

describe("a model step with somebody's own key", () => {
  const models = async (mode: object) => {
    const server = await startLlmServer(says(`{"told":"${SECRET}"}`));
    const test = await openTestApp({
      env: { OPENAI_API_KEY: "sk-of-the-server", OPENAI_BASE_URL: server.baseUrl },
    });
    const [seller, buyer] = [
      await test.createOperator("seller"),
      await test.createOperator("buyer"),
    ];
    const draft = sealedScript("", {
      ...mode,
      price_per_invocation: 10,
      output_schema: true,
      execution_steps: [{ type: "llm", model: "openai/gpt-4o", user_message: "$INPUT.text" }],
    });
    const { id: skill_id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
    return { ...test, server, seller, buyer, skill_id };
  };
  const key = { provider: "openai" };

  test("charges no compute when the buyer pays the provider", async () => {
    const mode = { credential_mode: "buyer_provides", required_credentials: [key] };
    const { server, buyer, skill_id, app } = await models(mode);
    expect(
      (await buyer.refused("stack_invoke_skill", { skill_id, input: { text: "x" } })).code,
    ).toBe("SERVICE_NOT_CONNECTED");
    await connectAs(buyer, { provider: "openai", hosts: ["api.openai.com"] });
    const wrong = await buyer.refused("stack_invoke_skill", { skill_id, input: { text: "x" } });
    expect(wrong.message).toMatch(/127\.0\.0\.1 is not among the hosts of its connection/);
    const { items } = await buyer.ok<{ items: { id: string }[] }>("stack_list_connected_services");
    const { id: connection_id } = items[0] as { id: string };
    await buyer.ok("stack_update_connection", {
      connection_id,
      hosts: ["127.0.0.1"],
      secret: SECRET,
    });
    const run = await invoke(buyer, skill_id, { input: { text: "x" } });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([`Bearer ${SECRET}`]);
    expect(run).toMatchObject({
      status: "completed",
      charged_cents: 11,
      charge_note: expect.stringContaining(": 1 micro-dollars metered"),
      output: '{"told":"[redacted]"}',
    });
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("calls the provider once, because each try is paid for", async () => {
    const mode = { credential_mode: "seller_provides", required_credentials: [key] };
    const { server, buyer, seller, skill_id } = await models(mode);
    server.answers = [status(500)];
    await connectAs(seller, { provider: "openai", secret: SELLER_SECRET });
    expect(await invoke(buyer, skill_id, { input: { text: "x" } })).toMatchObject({
      status: "failed",
    });
    expect(server.seen).toHaveLength(1);
  });

  test("charges a call of the publisher's credential when the publisher brings it", async () => {
    const mode = {
      credential_mode: "seller_provides",
      required_credentials: [{ ...key, cost_cents_per_call: 20 }],
    };
    const { server, buyer, seller, skill_id } = await models(mode);
    await connectAs(seller, { provider: "openai", secret: SELLER_SECRET });
    expect(await buyer.ok("stack_quote_skill", { skill_id })).toMatchObject({
      service_reserve_cents: 23,
      reserve_cents: 1,
    });
    const run = await invoke(buyer, skill_id, { input: { text: "x" } });
    expect(run).toMatchObject({ status: "completed", charged_cents: 34, service_cost_cents: 23 });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${SELLER_SECRET}`,
    ]);
  });
});
