import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { makeHome } from "../../helpers/home.ts";
import { withSnapshot } from "../../helpers/sandbox.ts";
import { SCALE } from "../../helpers/scale.ts";
import { sealedScript } from "../../helpers/skills.ts";

const INVOCATIONS = 240 * SCALE;
const AT_ONCE = 4;
const folder = new URL("../../fixtures/attacks-javascript/", import.meta.url);
/** Those that end by themselves: the others would only make the test wait for their limit. */
const HOSTILE = readdirSync(folder).filter((name) => /^(?:e|r|t0|m)/.test(name));
const SMALL_TIME = { STACK_STEP_TIMEOUT_MS: "1500", STACK_SANDBOX_SLOTS: String(AT_ONCE) };

test(
  `gives ${INVOCATIONS / 2} right results in ${INVOCATIONS} runs, half hostile, every cent in place`,
  async () => {
    const { app, createOperator } = await openTestApp({
      home: await withSnapshot(makeHome()),
      env: SMALL_TIME,
    });
    const [seller, buyer] = [
      await createOperator("seller"),
      await createOperator("buyer", { fundCents: 100_000, plan: "enterprise" }),
    ];
    const draftOf = (name: string, code: string, runtime: string) => {
      const steps = [{ type: "script", runtime, code }];
      return sealedScript("", { name, execution_steps: steps, output_schema: true });
    };
    const publish = async (...of: Parameters<typeof draftOf>) =>
      (await seller.ok<{ id: string }>("stack_publish_skill", draftOf(...of))).id;
    const honest = [
      await publish("honest", "return { n: $INPUT.n, square: $INPUT.n * $INPUT.n };", "javascript"),
      await publish(
        "honest-python",
        "return {'n': input['n'], 'square': input['n'] ** 2}",
        "python",
      ),
    ] as const;
    const hostile: string[] = [];
    for (const [index, name] of HOSTILE.slice(0, 60).entries()) {
      const code = readFileSync(new URL(name, folder), "utf8");
      const offered = await seller.call(
        "stack_publish_skill",
        draftOf(`hostile-${index}`, code, "javascript"),
      );
      // What does not parse ends at the door.
      if (offered.ok) hostile.push(String(offered.value.id));
      else expect(offered.error.message).toContain("does not parse");
    }
    expect(hostile.length).toBeGreaterThan(50);
    let right = 0;
    let next = 0;
    const work = async () => {
      for (let n = next++; n < INVOCATIONS; n = next++) {
        const isHonest = n % 2 === 0;
        const skill_id = isHonest ? honest[n % 10 === 0 ? 1 : 0] : hostile[n % hostile.length];
        const order = { skill_id, input: { n }, wait_ms: 25_000 };
        const run = await buyer.ok<{ status: string; output?: unknown }>(
          "stack_invoke_skill",
          order,
        );
        expect(["completed", "failed"]).toContain(run.status);
        if (!isHonest) continue;
        expect(run).toMatchObject({ status: "completed", output: { n, square: n * n } });
        right++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(right).toBe(INVOCATIONS / 2);
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
    expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
  },
  120_000 * SCALE,
);
