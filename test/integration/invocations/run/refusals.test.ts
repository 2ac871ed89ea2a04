import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { sealedScript } from "../../../helpers/skills.ts";

const REFUSALS = {
  no_total: "The text has no total.",
  "too-long": "The text is longer than a page.",
};

interface Ran {
  readonly id: string;
  readonly status: string;
  readonly charged_cents: number;
  readonly error: Record<string, unknown>;
}

async function world() {
  const opened = await openTestApp();
  const [seller, buyer] = [
    await opened.createOperator("seller"),
    await opened.createOperator("buyer", { fundCents: 10_000 }),
  ];
  let count = 0;
  return {
    ...opened,
    seller,
    buyer,
    /** Publishes a script and buys one run of it. */
    run: async (runtime: string, code: string, more: Record<string, unknown> = {}) => {
      const steps = { execution_steps: [{ type: "script", runtime, code }] };
      const draft = sealedScript("", {
        name: `skill-${count++}`,
        refusals: REFUSALS,
        ...steps,
        ...more,
      });
      const { id: skill_id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
      return buyer.ok<Ran>("stack_invoke_skill", {
        skill_id,
        input: { secret: "4711" },
        wait_ms: 25_000,
      });
    },
  };
}

const REFUSED = {
  code: "refused",
  message: "The skill refused this input by a rule of its own. Nothing was charged.",
  step: 1,
  details: { refusal: { code: "no_total", sentence: REFUSALS.no_total } },
};

test.each([
  [
    "javascript",
    [
      'fail("no_total");',
      'try { fail("no_total"); } catch {} return { n: 1 };',
      'await new Promise(() => setTimeout(() => fail("no_total"), 1));',
      'Error.prototype.toJSON = () => "x"; Object.prototype.code = "x"; fail("no_total");',
    ],
  ],
  [
    "python",
    [
      'fail("no_total")',
      'try:\n    fail("no_total")\nexcept Exception:\n    pass\nreturn {"n": 1}',
      'def main(input):\n    try:\n        fail("no_total")\n    except BaseException:\n        return {"n": 1}',
    ],
  ],
])(
  "ends a run in %s uncharged by a declared refusal, which both sides read",
  async (runtime, scripts) => {
    const { run, buyer, seller } = await world();
    for (const code of scripts) {
      const ran = await run(runtime, code);
      expect(ran, code).toMatchObject({ status: "failed", charged_cents: 0, error: REFUSED });
      const sold = await seller.ok<Ran>("stack_check_invocation", { invocation_id: ran.id });
      expect(sold.error).toEqual(REFUSED);
    }
    expect(await buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 10_000,
      held_cents: 0,
    });
  },
);

test.each([
  [
    "javascript",
    [
      "fail($INPUT.secret);",
      'fail("constructor");',
      'fail("__proto__");',
      "fail({ toString: () => 'no_total' });",
      'fail("no_total" + "x".repeat(5_000));',
    ],
  ],
  ["python", ['fail(input["secret"])', 'fail(b"no_total")', 'fail("\\ud800")']],
])(
  "turns an undeclared refusal in %s into an error that tells nothing sealed",
  async (runtime, scripts) => {
    const { run, seller } = await world();
    for (const code of scripts) {
      const ran = await run(runtime, code);
      const sold = await seller.ok<Ran>("stack_check_invocation", { invocation_id: ran.id });
      for (const { error } of [ran, sold]) {
        expect(error, code).toMatchObject({
          code: "script_error",
          message: "The script threw an error.",
        });
        expect(JSON.stringify(error), code).not.toMatch(/4711|details/);
      }
      expect(ran.error).not.toHaveProperty("reason");
    }
  },
);

test("takes any text of a source skill as the reason of its refusal", async () => {
  const { run, seller } = await world();
  const ran = await run("javascript", 'fail("line 3 has no amount");', {
    execution_mode: "source",
  });
  expect(ran.error).toMatchObject({ code: "refused", reason: "line 3 has no amount" });
  // What a script says may have its buyer's data in it: a list of sales does not repeat it.
  const sales = await seller.ok<{ items: Ran[] }>("stack_list_sales");
  expect(sales.items[0]?.error).toMatchObject({ code: "refused" });
  expect(JSON.stringify(sales)).not.toContain("line 3");
  const declared = await run("python", 'fail("too-long")', { execution_mode: "source" });
  expect(declared.error).toMatchObject({ details: { refusal: { code: "too-long" } } });
});

test("shows in a draft the refusal of a paid run, and to its author why", async () => {
  const { seller } = await world();
  const draft = (code: string) =>
    seller.ok<{ ok: boolean; error: object }>("stack_test_skill", {
      ...sealedScript(code, { refusals: REFUSALS }),
      input: {},
    });
  expect(await draft('fail("no_total");')).toMatchObject({ ok: false, error: REFUSED });
  expect((await draft('fail("no-total");')).error).toMatchObject({
    code: "script_error",
    reason: expect.stringContaining('fail("no-total"): refusals declares no such code'),
  });
});

test("keeps refusals as part of a version, in its digest and shown before a purchase", async () => {
  const { seller, buyer } = await world();
  type Shown = { id: string; digest: string; refusals?: object };
  const plain = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { name: "plain" }),
  );
  const own = sealedScript("return {};", { name: "with-refusals", refusals: REFUSALS });
  const skill = await seller.ok<Shown>("stack_publish_skill", own);
  expect(skill.digest).not.toBe(plain.digest);
  expect(plain).not.toHaveProperty("refusals");
  const named = { skill_id: skill.id };
  expect(await buyer.ok("stack_get_skill", named)).toMatchObject({ refusals: REFUSALS });
  expect(await buyer.ok("stack_quote_skill", named)).toMatchObject({ refusals: REFUSALS });
  const cheaper = { ...named, version: "1.0.1", price_per_invocation: 1 };
  expect(await seller.ok("stack_update_skill", cheaper)).toMatchObject({ refusals: REFUSALS });
  const without = await seller.ok<Shown>("stack_update_skill", {
    ...named,
    version: "1.0.2",
    refusals: {},
  });
  expect(without).not.toHaveProperty("refusals");
});

test.each([
  [{ No: "A sentence." }, /refusals\.No must begin with a-z/],
  [{ no: "" }, /refusals\.no/],
  [{ no: "x".repeat(201) }, /refusals\.no/],
  [{ no: "Pay \u202Eme" }, /refusals\.no.*U\+202E/],
  [
    Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`c${i}`, "A sentence."])),
    /17 codes; at most 16/,
  ],
])("rejects refusals that cannot be shown: %j", async (refusals, said) => {
  const { seller } = await world();
  const refused = await seller.refused(
    "stack_publish_skill",
    sealedScript("return {};", { refusals }),
  );
  expect(`${refused.message} ${JSON.stringify(refused.details)}`).toMatch(said);
});

test("rejects refusals in an open skill", async () => {
  const { seller } = await world();
  const { execution_steps: _, ...open } = sealedScript("", {
    execution_mode: "open",
    refusals: REFUSALS,
  });
  expect(await seller.refused("stack_publish_skill", open)).toMatchObject({
    details: { field: "refusals" },
  });
});
