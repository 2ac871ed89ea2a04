import { expect, test } from "vitest";
import {
  type Charge,
  chargeNote,
  INVOCATION_STATUSES,
  isTerminal,
  type MetLimit,
  pollAfterMs,
  VERDICTS,
  verdictMessage,
} from "../../../../src/domain/runs/invocation.ts";

test("lets nothing lead on from four statuses", () => {
  expect(INVOCATION_STATUSES.filter(isTerminal)).toEqual([
    "completed",
    "failed",
    "expired",
    "cancelled",
  ]);
});

test.each([
  [0, 2_000],
  [29_999, 2_000],
  [30_000, 10_000],
  [600_000, 10_000],
])("lets one ask again of an invocation that is %i ms old after %i", (age, after) => {
  expect(pollAfterMs(age)).toBe(after);
});

test.each<[keyof typeof VERDICTS, MetLimit, string]>([
  ["timeout", { name: "wall_ms", value: 30_000 }, "Its limit was 30000 ms."],
  ["memory", { name: "memory_mb", value: 128 }, "Its limit was 128 MB."],
  ["output_too_large", { name: "output_bytes", value: 9 }, "Its limit was 9 bytes."],
  [
    "llm_error",
    { name: "max_tokens", value: 10 },
    "The model stopped at max_tokens (10), in the middle of its text.",
  ],
])("says of %s which limit was met", (verdict, limit, sentence) => {
  expect(verdictMessage(verdict, limit)).toBe(`${VERDICTS[verdict]} ${sentence}`);
});

test.each<[MetLimit, string]>([
  [{ name: "json_depth", value: 100 }, "The output nests deeper than 100 levels."],
  [
    { name: "whole_number", value: Number.MAX_SAFE_INTEGER },
    "The output has a whole number beyond 9007199254740991, which would lose digits. " +
      "Return it as text.",
  ],
  [{ name: "unicode" }, "The output has text that is not well-formed Unicode."],
])("says of an output that could not be kept nothing about a schema: $name", (limit, sentence) => {
  expect(verdictMessage("output_invalid", limit)).toBe(sentence);
});

test("says what each verdict means where no limit was met", () => {
  for (const verdict of Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]) {
    expect(verdictMessage(verdict, undefined)).toBe(VERDICTS[verdict]);
    expect(VERDICTS[verdict]).toMatch(/^[A-Z].*\.$/);
  }
});

const CHARGE: Charge = {
  status: "completed",
  execution_mode: "sealed",
  price_cents: 25,
  reserve_cents: 2,
  compute_cents: 1,
  compute_micro_usd: 60,
  service_reserve_cents: 0,
  service_cents: 0,
  service_markup_cents: 0,
  awaits_approval: 0,
};
const note = (more: Partial<Charge>) => chargeNote({ ...CHARGE, ...more });

test.each(["pending", "processing"] as const)(
  "tells while %s what is held, and for what",
  (status) => {
    expect(note({ status })).toBe(
      "27 cents are held: the price of 25 and a reserve of 2 for compute. " +
        "They are charged only for an output that fits.",
    );
    expect(note({ status, reserve_cents: 0 })).toBe(
      "25 cents are held, the price. They are charged only for an output that fits.",
    );
    expect(note({ status, service_reserve_cents: 7 })).toContain(
      "34 cents are held: the price of 25 and a reserve of 2 for compute " +
        "and 7 for calls with the publisher's credentials.",
    );
    expect(note({ status, reserve_cents: 0, service_reserve_cents: 7 })).toContain(
      "32 cents are held: the price of 25 and 7 for calls",
    );
  },
);

test("holds nothing for a free skill", () => {
  expect(note({ status: "pending", price_cents: 0 })).toBe("The skill is free: nothing is held.");
});

test("charges nothing for a free skill that is over", () => {
  expect(note({ price_cents: 0 })).toBe(
    "The skill is free: nothing was charged, and the platform bears the compute.",
  );
});

test.each([
  ["failed", 0, "the invocation failed"],
  ["failed", 1, "the invocation failed"],
  ["expired", 0, "the invocation expired"],
  ["expired", 1, "the invocation expired"],
  ["cancelled", 0, "the invocation was cancelled"],
  ["cancelled", 1, "it was denied or cancelled before it was approved"],
] as const)("charges nothing for one that ended as %s, undecided %i", (status, undecided, end) => {
  const told = `Nothing was charged: ${end}, and its hold is void.`;
  expect(note({ status, awaits_approval: undecided })).toBe(told);
  expect(note({ status, awaits_approval: undecided, price_cents: 0 })).toBe(told);
});

test("charges the price alone for a skill that its provider ran", () => {
  expect(note({ execution_mode: "open" })).toBe(
    "The price of 25 cents; the provider's own compute costs nothing on top.",
  );
});

test.each(["sealed", "source"] as const)("tells by which rule a %s run was charged", (mode) => {
  expect(note({ execution_mode: mode })).toBe(
    "The price of 25 cents and 1 for compute: 60 micro-dollars metered, plus 15 %, " +
      "rounded up to cents, at most the reserve of 2.",
  );
});

test("tells what calls with the publisher's credentials cost", () => {
  const told = note({ service_cents: 11, service_markup_cents: 2 });
  expect(told).toMatch(/reserve of 2\. Calls with the publisher's credentials: 11 cents and 2 for/);
});
