import { expect, test } from "vitest";
import { Lane } from "../../../src/shared/lane.ts";

test("runs one piece at a time, and serves those who wait in turn", async () => {
  const lane = new Lane();
  const done: string[] = [];
  let atOnce = 0;
  const piece = (who: string, name: string) =>
    lane.run(who, async () => {
      atOnce++;
      await Promise.resolve();
      expect(atOnce).toBe(1);
      done.push(name);
      atOnce--;
    });
  const all = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].map((name) =>
    piece(name.slice(0, 1), name),
  );
  expect([lane.waitingOf("a"), lane.waitingOf("b"), lane.waitingOf("d")]).toEqual([3, 2, 0]);
  await Promise.all(all);
  expect(done).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  await piece("d", "d1");
  expect(done.at(-1)).toBe("d1");
});

test("gives the lane to the next when a piece fails", async () => {
  const lane = new Lane();
  const failed = lane.run("a", async () => {
    throw new Error("x");
  });
  const next = lane.run("b", async () => "done");
  await expect(failed).rejects.toThrow("x");
  expect(await next).toBe("done");
});
