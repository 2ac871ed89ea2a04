import fc from "fast-check";
import { expect, test } from "vitest";
import { type OverRun, recentRuns } from "../../../../src/domain/market/recent-runs.ts";
import { INVOCATION_STATUSES } from "../../../../src/domain/runs/invocation.ts";

const run = (status: string, ms = 100, buyer_id = "op_a"): OverRun => ({
  status,
  buyer_id,
  started_at: 1_000,
  completed_at: 1_000 + ms,
});

test("says nothing of a skill that nobody has run", () => {
  expect(recentRuns([])).toBeUndefined();
});

test.each(["cancelled", "expired", "pending", "processing"])(
  "takes a run that is %s for none",
  (status) => {
    expect(recentRuns([run(status)])).toBeUndefined();
    expect(recentRuns([run(status, 1), run("completed", 7)])).toEqual({
      runs: 1,
      buyers: 1,
      success_rate: 1,
      median_ms: 7,
    });
  },
);

test("tells no time where no run was completed", () => {
  expect(recentRuns([run("failed"), run("failed")])).toEqual({
    runs: 2,
    buyers: 1,
    success_rate: 0,
  });
});

test.each([
  [1, 2, 0.33],
  [2, 1, 0.67],
  [1, 7, 0.13],
  [199, 1, 1],
  [1, 0, 1],
])("rounds the share of %i completed and %i failed runs to %d", (completed, failed, rate) => {
  const times = (count: number, status: string) => Array.from({ length: count }, () => run(status));
  const over = [...times(completed, "completed"), ...times(failed, "failed")];
  expect(recentRuns(over)?.success_rate).toBe(rate);
});

test.each([
  [[5], 5],
  [[9, 1, 5], 5],
  [[100, 9, 20], 20],
  [[1, 3], 1],
  [[4, 1, 3, 2], 2],
])("finds the median of %j ms: %i", (times, median) => {
  expect(recentRuns(times.map((ms) => run("completed", ms)))?.median_ms).toBe(median);
});

test("counts the time of completed runs alone", () => {
  expect(recentRuns([run("failed", 1), run("failed", 1), run("completed", 50)])?.median_ms).toBe(
    50,
  );
});

test("counts each buyer once", () => {
  const over = [
    run("completed", 1, "op_a"),
    run("failed", 1, "op_a"),
    run("failed", 1, "op_b"),
    run("cancelled", 1, "op_c"),
  ];
  expect(recentRuns(over)).toMatchObject({ runs: 3, buyers: 2 });
});

test("says the same whatever the order of the runs, with a median that some run took", () => {
  const over = fc.array(
    fc.record({
      status: fc.constantFrom(...INVOCATION_STATUSES),
      buyer_id: fc.constantFrom("op_a", "op_b"),
      started_at: fc.nat(1_000),
      completed_at: fc.integer({ min: 1_000, max: 9_000 }),
    }),
  );
  fc.assert(
    fc.property(over, (runs) => {
      const told = recentRuns(runs);
      expect(recentRuns(runs.toReversed())).toEqual(told);
      if (told?.median_ms === undefined) return;
      const times = runs
        .filter(({ status }) => status === "completed")
        .map((one) => one.completed_at - one.started_at);
      const median = told.median_ms;
      expect(times).toContain(median);
      expect(times.filter((ms) => ms < median).length * 2).toBeLessThanOrEqual(times.length);
      expect(times.filter((ms) => ms > median).length * 2).toBeLessThanOrEqual(times.length);
    }),
  );
});
