import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { type Invocation, openMarket } from "../../../helpers/market.ts";
import { type Shown, sealedScript } from "../../../helpers/skills.ts";

test.each([
  ["throws", "throw new Error('the other side must not read this');", "script_error"],
  ["throws something hostile", "throw new Proxy({}, { get() { throw 1; } });", "script_error"],
  ["cannot be made sense of when it runs", "return missing.name;", "script_error"],
  ["returns too much", "return { x: 'x'.repeat(1100000) };", "output_too_large"],
  ["returns what does not fit", "return [1];", "output_invalid"],
  ["returns nothing", "", "output_invalid"],
  ["returns a circle", "const a = {}; a.a = a; return a;", "script_error"],
  ["returns text that is no Unicode", "return { x: '\\ud800' };", "output_invalid"],
  ["loops", "for (;;);", "timeout"],
  ["waits for ever", "await new Promise(() => {});", "timeout"],
  ["eats memory", "const a = []; for (;;) a.push(new Array(100000).fill(1));", "memory"],
  ["eats memory in one go", "return 'x'.repeat(2 ** 29 - 100).split('');", "memory"],
  ["calls out", "await proxy_fetch('https://example.com'); return {};", "script_error"],
])("fails a skill that %s, and charges nobody", async (_, code, verdict) => {
  const { publish, invoke, buyer, seller, sound } = await openMarket({
    env: { STACK_STEP_TIMEOUT_MS: "3000" },
  });
  const skill = await publish(sealedScript(` \n${code || ";"}`));
  const failed = await invoke(skill);
  expect(failed).toMatchObject({
    status: "failed",
    error: { code: verdict, step: 1 },
    charged_cents: 0,
    held_cents: 0,
  });
  expect(failed.error).not.toHaveProperty("line");
  expect(failed.error?.message).not.toContain("other side");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  const seen = await seller.ok<Invocation>("stack_check_invocation", { invocation_id: failed.id });
  expect(seen).not.toHaveProperty("output");
  expect(seen).not.toHaveProperty("charged_cents");
  await sound();
});

test("shows the failing line to the publisher and not to the buyer", async () => {
  const { publish, invoke, seller } = await openMarket();
  const skill = await publish(sealedScript("const a = 1;\n\nnull.x;"));
  const failed = await invoke(skill);
  const seen = await seller.ok<Invocation>("stack_check_invocation", { invocation_id: failed.id });
  expect(seen.error).toMatchObject({ code: "script_error", step: 1, line: 3 });
  expect(failed.error).not.toHaveProperty("line");
});

test.each([
  ["timeout", "for (;;);", { name: "wall_ms", value: 400 }, /Its limit was 400 ms/],
  [
    "memory",
    "const all = []; for (;;) all.push(new Array(1e6).fill(1));",
    { name: "memory_mb", value: 128 },
    /128 MB/,
  ],
  [
    "output_too_large",
    "return { t: 'x'.repeat(2e6) };",
    { name: "output_bytes", value: 1_048_576 },
    /1048576 bytes/,
  ],
])("names in the verdict %s its limit and what was used", async (code, script, limit, message) => {
  const stepMs = code === "timeout" ? "400" : "20000";
  const { createOperator } = await openTestApp({ env: { STACK_STEP_TIMEOUT_MS: stepMs } });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript(script));
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  const run = await buyer.ok<{ id: string; usage: Record<string, number> }>(
    "stack_invoke_skill",
    order,
  );
  const error = { code, limit, message: expect.stringMatching(message), step: 1 };
  expect(run).toMatchObject({ status: "failed", error, charged_cents: 0 });
  expect(run.usage.wall_ms).toBeGreaterThan(0);
  expect(run.usage.peak_mb).toBeGreaterThan(0);
  expect(await seller.ok("stack_check_invocation", { invocation_id: run.id })).toMatchObject({
    error,
    usage: run.usage,
  });
});

test("shows both sides why a source skill failed, and neither why a sealed one did", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const code = "const a = 1;\nthrow new Error('no ' + $INPUT.word);";
  const fail = async (execution_mode: string) => {
    const draft = sealedScript(code, { name: execution_mode, execution_mode });
    const skill = await seller.ok<Shown>("stack_publish_skill", draft);
    const run = await buyer.ok<Shown>("stack_invoke_skill", {
      skill_id: skill.id,
      input: { word: "canary" },
      wait_ms: 20_000,
    });
    return [
      run.error,
      (await seller.ok("stack_check_invocation", { invocation_id: run.id })).error,
    ];
  };
  const said = { code: "script_error", step: 1, line: 2, reason: "Error: no canary" };
  expect(await fail("source")).toEqual([
    expect.objectContaining(said),
    expect.objectContaining(said),
  ]);
  const sealed = await fail("sealed");
  expect(JSON.stringify(sealed)).not.toContain("canary");
  expect(sealed).toMatchObject([{ step: 1 }, { step: 1, line: 2 }]);
});
