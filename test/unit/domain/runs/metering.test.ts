import fc from "fast-check";
import { expect, test } from "vitest";
import type { OwnedCredential } from "../../../../src/domain/identity/connection.ts";
import type { PlannedStep } from "../../../../src/domain/market/skill.ts";
import { computeChargeCents } from "../../../../src/domain/money/money.ts";
import {
  costMicroUsd,
  promptCeilings,
  reserveCents,
  reserveMicroUsd,
  type StepUsage,
  sellerBounds,
  serviceReserveCents,
  totalUsage,
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

const script = { type: "script", runtime: "javascript", lines: 1 } as const satisfies PlannedStep;
const ran = (wallMs: number) =>
  ({ type: "script", wallMs, cpuMs: 0, peakMb: 0, fetchCalls: 0 }) as const;
const asked = (inputTokens: number, outputTokens: number, ownKey = false) =>
  ({ type: "llm", model: llm.model, inputTokens, outputTokens, ownKey }) as const;

// 128 MB are an eighth of a gigabyte, and a gigabyte costs 17 a second.
test.each<[string, StepUsage[], number]>([
  ["nothing", [], 0],
  ["eight seconds", [ran(8_000)], 17],
  ["a second", [ran(1_000)], 3],
  ["twice four seconds", [ran(4_000), ran(4_000)], 17],
  ["a millisecond", [ran(1)], 1],
  ["a thousand tokens each way", [asked(1_000, 1_000)], 150 + 600],
  ["a token", [asked(0, 1)], 1],
  ["any tokens with somebody's own key", [asked(1_000_000, 1_000_000, true)], 1],
  ["all of them", [ran(8_000), asked(1_000, 0), asked(9, 9, true)], 17 + 150 + 1],
])("meters %s in micro-dollars, rounded up once", (_, usage, microUsd) => {
  expect(costMicroUsd(usage, prices)).toBe(microUsd);
});

test.each<[string, PlannedStep[], string[], number]>([
  ["no step", [], [], 0],
  ["a script of 30 seconds", [script], [], 64],
  ["two scripts, rounded up once", [script, script], [], 128],
  ["a model", [llm], [], 345 + 600],
  ["a model with somebody's own key", [llm], ["openai"], 1],
  ["a model with a key for another", [llm], ["anthropic"], 345 + 600],
  ["a dearer model", [{ ...llm, model: "openai/gpt-4o" }], [], 5_750 + 10_000],
  ["an unknown model", [{ ...llm, model: "acme/unknown" }], [], 23_000 + 30_000],
])("reserves for %s what its ceilings cost", (_, pipeline, ownKeys, most) => {
  const order = { pipeline, inputChars: 1_000, ownKeys };
  expect(reserveMicroUsd(order, prices)).toBe(most);
  expect(reserveCents(order, prices)).toBe(computeChargeCents(most));
});

test("reserves for every pipeline what its steps can use at the most", () => {
  const step = fc.oneof(
    fc.constant(script),
    fc.record({
      type: fc.constant("llm" as const),
      model: fc.constantFrom("openai/gpt-4o", "acme/unknown"),
      max_tokens: fc.integer({ min: 1, max: 32_000 }),
      prompt_chars: fc.nat(50_000),
      input_references: fc.nat(3),
      prev_references: fc.nat(3),
    }),
  );
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const keys = fc.subarray(["openai", "acme"]);
  const pipelines = fc.array(step, { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(pipelines, fc.nat(1_000_000), keys, part, (pipeline, inputChars, ownKeys, of) => {
      const ceilings = promptCeilings(pipeline, inputChars);
      const usage = pipeline.map((planned, index): StepUsage => {
        if (planned.type === "script") return ran(Math.floor(LIMITS.stepTimeoutMs * of));
        return {
          type: "llm",
          model: planned.model,
          inputTokens: Math.floor((ceilings[index] ?? 0) * of),
          outputTokens: Math.floor(planned.max_tokens * of),
          ownKey: ownKeys.some((provider) => planned.model.startsWith(`${provider}/`)),
        };
      });
      expect(costMicroUsd(usage, prices)).toBeLessThanOrEqual(
        reserveMicroUsd({ pipeline, inputChars, ownKeys }, prices),
      );
    }),
  );
});

test("lets a prompt grow to the most that is rendered, and not beyond", () => {
  const ceiling = (prompt_chars: number) => promptCeilings([{ ...llm, prompt_chars }], 450_000);
  expect(ceiling(99_999)).toEqual([999_999]);
  expect(ceiling(100_000)).toEqual([1_000_000]);
  expect(ceiling(100_001)).toEqual([1_000_000]);
});

test("counts what a script hands on as long as a long input", () => {
  const after = { ...llm, input_references: 0, prev_references: 1, prompt_chars: 0 };
  expect(promptCeilings([script, after], 64_000)).toEqual([0, 64_000]);
  expect(promptCeilings([script, after], 64_001)).toEqual([0, 64_001]);
});

test("adds up what the steps of a run used, at the largest memory of one", () => {
  expect(totalUsage([])).toEqual({
    wall_ms: 0,
    cpu_ms: 0,
    peak_mb: 0,
    fetch_calls: 0,
    input_tokens: 0,
    output_tokens: 0,
  });
  const scripts = [
    { type: "script", wallMs: 10.2, cpuMs: 5.1, peakMb: 40, fetchCalls: 2 },
    { type: "script", wallMs: 10.2, cpuMs: 5.1, peakMb: 30, fetchCalls: 1 },
  ] as const;
  expect(totalUsage([...scripts, asked(7, 8), asked(1, 2, true)])).toEqual({
    wall_ms: 21,
    cpu_ms: 11,
    peak_mb: 40,
    fetch_calls: 3,
    input_tokens: 8,
    output_tokens: 10,
  });
});

const credential = (provided_by: "buyer" | "seller", cost_cents_per_call?: number) =>
  ({ provider: "x", scopes: [], provided_by, cost_cents_per_call }) satisfies OwnedCredential;
const ours = [credential("seller", 2), credential("seller", 5), credential("buyer", 9)];

test.each([
  [null, 65, 325],
  [{}, 65, 325],
  [{ max_calls: 64 }, 64, 320],
  [{ max_calls: 65 }, 65, 325],
  [{ max_calls: 66 }, 65, 325],
  [{ max_calls: 0 }, 0, 0],
  [{ max_cost_cents: 324 }, 65, 324],
  [{ max_cost_cents: 326 }, 65, 325],
  [{ max_cost_cents: 0 }, 65, 0],
  [{ max_calls: 3, max_cost_cents: 14 }, 3, 14],
])("bounds calls under the limit %j to %i, of the dearest kind %i cents", (limit, calls, cents) => {
  expect(sellerBounds([script, llm], ours, limit)).toEqual({
    maxCalls: calls,
    maxCostCents: cents,
  });
});

test("holds for calls nothing that its publisher does not ask for", () => {
  for (const credentials of [[], [credential("seller")], [credential("buyer", 9)]])
    expect(sellerBounds([script], credentials, null).maxCostCents).toBe(0);
});

test("bounds calls by what the steps can call at all", () => {
  expect(sellerBounds([], ours, null).maxCalls).toBe(0);
  expect(sellerBounds([llm, llm], ours, null).maxCalls).toBe(2);
  expect(sellerBounds([script], ours, null).maxCalls).toBe(64);
});

test.each([
  [10, 0, 0],
  [10, 1, 2],
  [10, 15, 18],
  [10, 20, 23],
  [0, 15, 0],
])("holds at a price of %i for calls of %i cents %i", (price, maxCostCents, held) => {
  expect(serviceReserveCents(price, { maxCalls: 1, maxCostCents })).toBe(held);
});
