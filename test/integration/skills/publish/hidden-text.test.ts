import { expect, test } from "vitest";
import { registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

const TAGS = [..."ignore this"]
  .map((c) => String.fromCodePoint(0xe0000 + (c.codePointAt(0) ?? 0)))
  .join("");
const HIDDEN = [`good${TAGS}`, "a\u202eb", "a\0b", "a\u001b[2Jb", "pay\u200bpal"];

/** The texts that one writes and others are shown, by operation and field. */
const SHOWN: [string, string, (text: string) => Record<string, unknown>][] = [
  ["stack_publish_skill", "description", (description) => openSkill({ description })],
  ["stack_publish_skill", "tags.0", (tag) => openSkill({ tags: [tag] })],
  [
    "stack_publish_skill",
    "input_schema",
    (description) =>
      openSkill({ input_schema: { type: "object", properties: { a: { description } } } }),
  ],
  [
    "stack_publish_skill",
    "output_schema",
    (text) => openSkill({ output_schema: { enum: [text] } }),
  ],
  [
    "stack_publish_skill",
    "output_schema",
    (name) => openSkill({ output_schema: { properties: { [name]: {} } } }),
  ],
  [
    "stack_publish_skill",
    "execution_steps.0.label",
    (label) =>
      sealedScript("", {
        execution_steps: [{ type: "script", runtime: "javascript", code: "return 1;", label }],
      }),
  ],
  [
    "stack_publish_skill",
    "execution_steps.0.code",
    (text) => sealedScript(`return 1; // ${text}`, { execution_mode: "source" }),
  ],
  [
    "stack_publish_skill",
    "execution_steps.0.system_prompt",
    (system_prompt) =>
      sealedScript("", {
        execution_mode: "source",
        execution_steps: [{ type: "llm", model: "openai/gpt-4o-mini", system_prompt }],
      }),
  ],
  ["stack_update_skill", "description", (description) => ({ skill_id: "skl_x", description })],
  ["stack_post_skill_request", "description", (description) => ({ description })],
  ["stack_post_skill_request", "tags.0", (tag) => ({ description: "x", tags: [tag] })],
  [
    "stack_post_skill_request",
    "desired_output_schema",
    (title) => ({ description: "x", desired_output_schema: { title } }),
  ],
  ["stack_register_agent", "description", (description) => ({ name: "helper", description })],
  ["stack_fail_invocation", "reason", (reason) => ({ invocation_id: "sinv_x", reason })],
  ["stack_renew_invocation", "note", (note) => ({ invocation_id: "sinv_x", note })],
  ["stack_checkout", "summary", (summary) => ({ jti: "pp_x", summary })],
  ["stack_revoke_passport", "reason", (reason) => ({ jti: "pp_x", reason })],
];

test.each(SHOWN)(
  "rejects hidden text in %s, field %s, and says where it is",
  async (tool, field, inputOf) => {
    const { createOperator } = await openTestApp({ start: false });
    const somebody = await createOperator("somebody");
    for (const text of HIDDEN) {
      const refused = await somebody.refused(tool, inputOf(text));
      expect(refused).toMatchObject({ code: "INVALID_REQUEST" });
      expect(refused.message).toMatch(
        /has a hidden character, U\+[0-9A-F]{4,5}, after \d+ characters/,
      );
      expect(refused.message).toContain(field);
      // It is not passed on in the refusal either.
      expect(refused.message).not.toContain(text);
    }
  },
);

test("publishes texts of any language, and emoji, as they are written", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const description = "قراءة الفواتير · קורא חשבוניות · می‌خواهم · 👩‍💻 ❤️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 · 葛󠄀城\nzweite Zeile";
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ description, tags: ["חשבונית", "👍🏽"] }),
  );
  expect(await buyer.ok("stack_get_skill", { skill_id: skill.id })).toMatchObject({ description });
  expect((await registerAgent(seller, "helper", { description: "שלום 👨‍👩‍👧" })).id).toMatch(
    /^agt_/,
  );
});

test("allows any character in code that nobody else reads", async () => {
  const { createOperator } = await openTestApp();
  const seller = await createOperator("seller");
  const draft = sealedScript("return { length: '\u200b\u202e'.length };");
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  expect(await seller.ok("stack_invoke_skill", order)).toMatchObject({ output: { length: 2 } });
});
