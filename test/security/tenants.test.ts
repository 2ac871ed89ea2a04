import { expect, test } from "vitest";
import { toolSchema } from "../../src/operations/tool-schema.ts";
import { Secret } from "../../src/shared/secret.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { openTestApp } from "../helpers/app.ts";
import { callTool } from "../helpers/operator.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

const FOREIGN: Readonly<Record<string, string>> = {
  skill_id: "SKILL_NOT_FOUND",
  invocation_id: "INVOCATION_NOT_FOUND",
};

/** Every operation that takes the id of something. */
const withId = OPERATIONS.flatMap((operation) => {
  const { properties = {} } = toolSchema(operation.input, "input") as { properties?: Record<string, unknown> };
  return Object.keys(FOREIGN)
    .filter((field) => field in properties && operation.name !== "stack_list_pending_invocations")
    .map((field) => [operation.name, field, operation.example] as const);
});

test.each(withId)("%s: a missing, a malformed and a foreign %s are answered alike", async (name, field, example) => {
  const { enter, app } = await openTestApp();
  const [seller, buyer, stranger] = [await enter("seller"), await enter("buyer"), await enter("stranger")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  const foreign = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
  const ids = [
    "",
    "nothing",
    "skl_",
    "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx",
    "skl_01jcyxxxxxxxxxxxxxxxxxxxxx",
    "' or 1=1 --",
  ];
  if (field === "invocation_id") ids.push(foreign.id, skill.id);
  const answers = [];
  for (const id of ids) {
    answers.push(await stranger.refused(name, { ...example, [field]: id }));
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]?.code).toBe(FOREIGN[field]);
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect(await stranger.ok("stack_get_balance")).toMatchObject({ balance_cents: 1_000, held_cents: 0 });
});

test.each(OPERATIONS.map((operation) => [operation.name, operation.example] as const))(
  "%s is for nobody without a key that is right",
  async (name, example) => {
    const { app, enter } = await openTestApp({ start: false });
    const { apiKey } = await enter("somebody");
    const last = apiKey.at(-1) === "A" ? "B" : "A";
    const wrong = ["", "sk_live_op_", "nonsense", `${apiKey}A`, `${apiKey.slice(0, -1)}${last}`, apiKey.toUpperCase()];
    for (const key of wrong) {
      const credential = { kind: "key", key: new Secret(key), source: "STACK_API_KEY" } as const;
      const outcome = await callTool(app, credential, name, example);
      expect(outcome.ok ? "accepted" : outcome.error.code).toBe("INVALID_API_KEY");
      expect(outcome.ok ? "" : outcome.error.message).toContain("STACK_API_KEY");
    }
  },
);

test("a suspended skill does not exist for others", async () => {
  const { enter, app } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", sealedScript("return {};"));
  const home = app.services.health;
  const { database } = await home.report();
  const { default: Database } = await import("better-sqlite3");
  const raw = new Database(database.path);
  raw.exec("update skills set status = 'suspended'");
  raw.close();
  expect((await buyer.refused("stack_invoke_skill", { skill_id: skill.id, input: {} })).code).toBe("SKILL_NOT_FOUND");
  expect((await seller.refused("stack_invoke_skill", { skill_id: skill.id, input: {} })).code).toBe("SKILL_NOT_ACTIVE");
});
