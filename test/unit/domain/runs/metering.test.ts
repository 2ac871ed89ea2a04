import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlannedStep } from "../../../../src/domain/market/skill.ts";
import { computeChargeCents } from "../../../../src/domain/money/money.ts";
import {
  costMicroUsd,
  promptCeilings,
  reserveCents,
} from "../../../../src/domain/runs/metering.ts";
import { LIMITS } from "../../../../src/shared/limits.ts";
import prices from "../../../../storage/seed/prices.json" with { type: "json" };

const llm = {
  type: "llm",
  model: "openai/gpt-4o-mini",
  max_tokens: 1_000,
  prompt_chars: 300,
  input_references: 2,
  prev_references: 0,
} as const satisfies PlannedStep;

test("reserves what the pipeline can use at the most", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      (inputChars, outputTokens) => {
        const inputTokens = Math.min(2 * inputChars + 300, LIMITS.renderedPromptChars);
        const used = costMicroUsd(
          [{ type: "llm", model: llm.model, inputTokens, outputTokens, ownKey: false }],
          prices,
        );
        expect(computeChargeCents(used)).toBeLessThanOrEqual(
          reserveCents({ pipeline: [llm], inputChars, ownKeys: [] }, prices),
        );
      },
    ),
  );
});

test("charges the default for a model that the price list does not name", () => {
  const usage = { type: "llm", inputTokens: 1_000_000, outputTokens: 0, ownKey: false } as const;
  expect(costMicroUsd([{ ...usage, model: "acme/unknown" }], prices)).toBe(10_000_000);
  expect(costMicroUsd([{ ...usage, model: "toString" }], prices)).toBe(10_000_000);
});

test("counts every reference in a prompt's ceiling, and what a script or a model hands on", () => {
  const script = { type: "script", runtime: "javascript", lines: 1 } as const;
  const after = { ...llm, input_references: 0, prev_references: 3, prompt_chars: 10 };
  expect(promptCeilings([llm], 1_000)).toEqual([2_300]);
  expect(promptCeilings([script, after], 50)).toEqual([0, 10 + 3 * LIMITS.scriptToPromptChars]);
  expect(promptCeilings([llm, after], 50)).toEqual([400, 10 + 3 * 8_000]);
  expect(promptCeilings([{ ...llm, input_references: 5_000 }], 1_000)).toEqual([
    LIMITS.renderedPromptChars,
  ]);
});
