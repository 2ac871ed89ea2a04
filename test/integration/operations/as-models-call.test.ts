import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

async function trade() {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const { id } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return { text: 'a' };"),
  );
  return { seller, buyer, order: { skill_id: id, input: { text: "x" } }, createOperator };
}

test("cuts a wait_ms that is out of bounds, and says so in the answer", async () => {
  const { buyer, order } = await trade();
  const invoked = await buyer.ok("stack_invoke_skill", { ...order, wait_ms: 600_000 });
  expect(invoked).toMatchObject({
    status: "completed",
    note: "wait_ms was taken as 25000: 0 to 25000 are possible.",
  });
  const checked = await buyer.ok("stack_check_invocation", {
    invocation_id: invoked.id,
    wait_ms: "-5",
  });
  expect(checked).toMatchObject({ note: expect.stringContaining("wait_ms was taken as 0") });
  const text = await buyer.ok("stack_check_invocation", {
    invocation_id: invoked.id,
    wait_ms: "1000",
  });
  expect(text).not.toHaveProperty("note");
  expect(await buyer.call("stack_invoke_skill", { ...order, wait_ms: "soon" })).toMatchObject({
    error: { code: "INVALID_REQUEST" },
  });
});

test("marks the answer to a repeated idempotency key as replayed", async () => {
  const { buyer, order } = await trade();
  const invoke = () =>
    buyer.ok("stack_invoke_skill", { ...order, wait_ms: 20_000, idempotency_key: "k-1" });
  const first = await invoke();
  expect(first).not.toHaveProperty("replayed");
  expect(await invoke()).toEqual({ ...first, replayed: true });
  const topUp = () => buyer.ok("stack_topup", { amount_cents: 2_500, idempotency_key: "k-2" });
  expect(await topUp()).not.toHaveProperty("replayed");
  expect(await topUp()).toMatchObject({ replayed: true });
});

test("tells a rating that may come after a success from one that never may", async () => {
  const { seller, buyer, order } = await trade();
  const rate = async (more = {}) =>
    buyer.call("stack_rate_skill", { skill_id: order.skill_id, rating: 5, ...more });
  const early = await rate();
  expect(early.ok ? "" : early.error.retry).toBe("after_action");
  const code = sealedScript("throw new Error('no');", { name: "broken" });
  const broken = await seller.ok<{ id: string }>("stack_publish_skill", code);
  const failed = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    ...order,
    skill_id: broken.id,
    wait_ms: 20_000,
  });
  const late = await rate({ skill_id: broken.id, invocation_id: failed.id });
  expect(late.ok ? "" : late.error.retry).toBe("never");
  await buyer.ok("stack_invoke_skill", { ...order, wait_ms: 20_000 });
  expect(await rate()).toMatchObject({ ok: true });
});

test("publishes a skill without version, trust level or mode", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const {
    version: _v,
    trust_level_required: _t,
    execution_mode: _m,
    ...bare
  } = sealedScript("return {};");
  expect(await seller.ok("stack_publish_skill", bare)).toMatchObject({
    version: "1.0.0",
    trust_level_required: "L0",
    execution_mode: "sealed",
  });
  const {
    version: _w,
    trust_level_required: _u,
    execution_mode: _o,
    ...byHand
  } = openSkill({ name: "by-hand" });
  expect(await seller.ok("stack_publish_skill", byHand)).toMatchObject({ execution_mode: "open" });
});

test("points a search of the tools for work to the marketplace", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const buyer = await createOperator("buyer");
  for (const query of ["translate a text to German", "quixotic", "refund"]) {
    expect((await buyer.ok("stack_find_tools", { query })).note, query).toContain(
      "stack_browse_skills",
    );
  }
  expect(await buyer.ok("stack_find_tools", { query: "stack_topup" })).not.toHaveProperty("note");
});

test("rejects an example that does not fit its skill, and shows one that does", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const draft = sealedScript("return { text: $INPUT.text };", {
    input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  });
  const wrong = await seller.call("stack_publish_skill", { ...draft, example_input: { text: 5 } });
  expect(wrong.ok ? "" : wrong.error.message).toContain(
    "example_input.text must be string: the example does not fit",
  );
  const hidden = await seller.call("stack_publish_skill", {
    ...draft,
    example_input: { text: "a\u202eb" },
  });
  expect(hidden.ok ? "" : hidden.error.code).toBe("INVALID_REQUEST");
  const example_input = { text: "hello" };
  const { id } = await seller.ok<{ id: string }>("stack_publish_skill", {
    ...draft,
    example_input,
  });
  expect(await buyer.ok("stack_get_skill", { skill_id: id })).toMatchObject({ example_input });
  expect(await buyer.ok("stack_quote_skill", { skill_id: id })).toMatchObject({ example_input });
  const refused = await buyer.call("stack_invoke_skill", { skill_id: id, input: {} });
  expect(refused.ok ? {} : refused.error.details).toMatchObject({ example_input });
  const stale = { input_schema: { type: "object", properties: { text: { type: "integer" } } } };
  const kept = await seller.call("stack_update_skill", { skill_id: id, ...stale });
  expect(kept.ok ? "" : kept.error.message).toContain("example_input.text");
  await seller.ok("stack_update_skill", { skill_id: id, ...stale, example_input: { text: 7 } });
});

test.each([
  ["js", "return { text: 'a' };", "javascript"],
  ["NodeJS", "return { text: 'a' };", "javascript"],
  ["python3", "return {'text': 'a'}", "python"],
])("takes %s as the name of a runtime", async (runtime, code, meant) => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const draft = sealedScript("", { execution_steps: [{ type: "script", runtime, code }] });
  const made = await seller.ok<{ execution_steps: { runtime: string }[] }>(
    "stack_publish_skill",
    draft,
  );
  expect(made.execution_steps[0]?.runtime).toBe(meant);
});
