import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { makeHome } from "../../../helpers/home.ts";
import { openMarket } from "../../../helpers/market.ts";
import { withSnapshot } from "../../../helpers/sandbox.ts";
import { sealedScript } from "../../../helpers/skills.ts";

test("hands values from one script step to the next as $PREV, beside $INPUT", async () => {
  const { publish, invoke } = await openMarket();
  const skill = await publish(
    sealedScript("", {
      execution_steps: [
        {
          type: "script",
          runtime: "javascript",
          code: "return { doubled: $INPUT.n * 2, prev: $PREV };",
        },
        {
          type: "script",
          runtime: "javascript",
          code: "const input = 5; return { ...prev, plus: $PREV.doubled + input };",
        },
      ],
    }),
  );
  expect(await invoke(skill, { n: 4 })).toMatchObject({
    status: "completed",
    output: { doubled: 8, prev: null, plus: 13 },
  });
});

test("runs both runtimes and a model in one pipeline, naming the failing step", async () => {
  const { createOperator } = await openTestApp({ home: await withSnapshot(makeHome()) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const steps = [
    { type: "script", runtime: "python", code: "return {'words': input['text'].split()}" },
    {
      type: "script",
      runtime: "javascript",
      code: "return $PREV.words.map((w) => 'Word: ' + w).join('\\n');",
    },
    { type: "llm", model: "openai/gpt-4o-mini" },
    {
      type: "script",
      runtime: "python",
      code: "import json\nreturn {'word': json.loads(prev)['word'], 'before': input['text']}",
    },
  ];
  const draft = sealedScript("", { execution_steps: steps, name: "mixed" });
  const tested = await seller.ok("stack_test_skill", { ...draft, input: { text: "one two" } });
  expect(tested).toMatchObject({ ok: true, output: { word: "two", before: "one two" } });
  const { id: skill_id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id,
    input: { text: "one two" },
    wait_ms: 25_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { word: "two", before: "one two" } });
  expect(run).toMatchObject({ usage: { fetch_calls: 0, peak_mb: expect.any(Number) } });
  const failing = [
    ...steps.slice(0, 1),
    { type: "script", runtime: "python", code: "x = 1\nraise KeyError('x')" },
  ];
  const broken = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("", { execution_steps: failing, name: "broken" }),
  );
  const failed = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: broken.id,
    input: { text: "a" },
    wait_ms: 25_000,
  });
  expect(failed).toMatchObject({
    status: "failed",
    error: { code: "script_error", step: 2 },
    charged_cents: 0,
  });
  expect(failed).not.toHaveProperty("error.line");
  expect(await seller.ok("stack_check_invocation", { invocation_id: failed.id })).toMatchObject({
    error: { step: 2, line: 2 },
  });
});
