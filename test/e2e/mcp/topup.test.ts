import { expect, test } from "vitest";
import { connectTo, HTTP_CLIENT_KINDS } from "../../helpers/clients.ts";
import { modern } from "../../helpers/mcp-wire.ts";
import { send, startTestServer } from "../../helpers/server.ts";

const capabilities = { elicitation: { url: {} } };
const FORM = { "content-type": "application/x-www-form-urlencoded" };

test.each(["v2 2026-07-28", "v2 legacy"] as const)(
  "leads a person to the page and answers with what they did there (%s)",
  async (kind) => {
    const server = await startTestServer();
    const shown: string[] = [];
    const client = await connectTo(kind, {
      url: server.url,
      apiKey: server.localKey,
      capabilities,
      onElicit: async (url) => {
        shown.push(url);
        if (shown.length === 1)
          await send(server, `POST ${new URL(url).pathname}`, {
            body: "action=pay",
            headers: FORM,
          });
        return shown.length === 3 ? "decline" : "accept";
      },
    });
    const paid = await client.call("stack_topup", { amount_cents: 2_500 });
    expect(paid.structured).toMatchObject({ status: "paid", amount_cents: 2_500 });
    const waiting = client.call("stack_topup", { amount_cents: 1_000 });
    await expect.poll(() => shown.length).toBe(2);
    await send(server, `POST ${new URL(shown[1] ?? "").pathname}`, {
      body: "action=pay",
      headers: FORM,
    });
    expect((await waiting).structured).toMatchObject({ status: "paid", amount_cents: 1_000 });
    const declined = await client.call("stack_topup", { amount_cents: 1_000 });
    expect(declined.structured).toMatchObject({
      status: "pending",
      next_step: expect.stringContaining("did not open"),
    });
    expect(shown).toHaveLength(3);
    expect((await client.call("stack_get_balance")).structured).toMatchObject({
      balance_cents: 4_500,
    });
  },
);

test("gives a link to who cannot show the page", async () => {
  const server = await startTestServer();
  for (const kind of HTTP_CLIENT_KINDS) {
    const client = await connectTo(kind, { url: server.url, apiKey: server.localKey });
    const { structured } = await client.call("stack_topup", { amount_cents: 1_000 });
    expect(String(structured?.checkout_url)).toContain(`${server.url}/checkout/`);
  }
});

test("refuses a state that another caller brings, or that was changed", async () => {
  const server = await startTestServer();
  const ask = (key: string, more: object = {}) =>
    modern(
      server,
      key,
      "tools/call",
      { name: "stack_topup", arguments: { amount_cents: 1_000 }, ...more },
      capabilities,
    );
  const { requestState } = (await ask(server.localKey)).message.result;
  const inputResponses = { page: { action: "accept" } };
  const other = await server.createOperator("other");
  expect((await ask(other, { requestState, inputResponses })).message.error.code).toBe(-32_602);
  expect(
    (await ask(server.localKey, { requestState: `${requestState}x`, inputResponses })).message.error
      .code,
  ).toBe(-32_602);
  const again = await ask(server.localKey, {
    requestState,
    inputResponses: { page: { action: "decline" } },
  });
  expect(again.message.result.structuredContent.status).toBe("pending");
});
