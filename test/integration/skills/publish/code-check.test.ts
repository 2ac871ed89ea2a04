import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { sealedScript } from "../../../helpers/skills.ts";

const FENCE = "```";

function draft(runtime: string, code: string, more: Record<string, unknown> = {}) {
  return sealedScript("", { execution_steps: [{ type: "script", runtime, code }], ...more });
}

test.each([
  [
    "javascript",
    [
      ["return {", "a bracket or a text in it is not closed", 1, ""],
      ["const a = 1;\nreturn a +;", "Unexpected token ';'", 2, ""],
      [`${FENCE}js\nreturn 1;\n${FENCE}`, "", 1, "Leave out the Markdown fence"],
      ["const n: number = 1;\nreturn { n };", "", 1, "looks like TypeScript"],
      [
        'import fs from "node:fs";\nreturn 1;',
        "Cannot use import statement",
        1,
        "A script has no modules",
      ],
      ["def main(input, prev):\n    return {}", "", 1, 'set runtime to "python"'],
      ["let a = 1;\nlet a = 2;\nreturn a;", "already been declared", 2, ""],
    ],
  ],
  [
    "python",
    [
      ["return {", "'{' was never closed", 1, ""],
      ["x = 1\nif x:\nreturn x", "expected an indented block", 3, ""],
      [`${FENCE}python\nreturn 1\n${FENCE}`, "", 1, "Leave out the Markdown fence"],
      ["const a = 1;\nreturn a;", "", 1, 'set runtime to "javascript"'],
      ["def main(input):\n    return 1 +", "invalid syntax", 2, ""],
    ],
  ],
] as const)(
  "rejects code that does not parse as %s, and says where and what to do",
  async (runtime, cases) => {
    const { seller } = await world();
    for (const [code, said, line, hint] of cases) {
      const refused = await seller.refused("stack_publish_skill", draft(runtime, code));
      const details = { field: "execution_steps.0.code", line };
      expect(refused, code).toMatchObject({ code: "INVALID_REQUEST", details });
      expect(refused.message, code).toContain(`in line ${line}: details.said has the reason.`);
      expect(refused.message, code).toContain(hint);
      expect(refused.details, code).toMatchObject({ said: expect.stringContaining(said) });
      expect(JSON.stringify(refused), code).not.toContain("skill.");
    }
    expect((await seller.ok<{ items: object[] }>("stack_list_my_skills")).items).toEqual([]);
  },
);

async function world() {
  const opened = await openTestApp();
  return { ...opened, seller: await opened.createOperator("seller") };
}

test.each([
  [
    "javascript",
    [
      "return 1;",
      "\uFEFFreturn { a: 1 };",
      "await null; return $INPUT?.a ?? 1n ** 0n;",
      "while (true) {}",
    ],
  ],
  [
    "python",
    [
      "return 1",
      "def main():\n    return {}",
      "import time\ntime.sleep(1000)\nreturn 1",
      "match input:\n    case _:\n        return 1",
    ],
  ],
])("publishes what parses as %s without running it", async (runtime, scripts) => {
  const { seller } = await world();
  for (const [index, code] of scripts.entries()) {
    await seller.ok("stack_publish_skill", draft(runtime, code, { name: `skill-${index}` }));
  }
});

test("parses the steps that an update changes, and leaves the skill if one fails", async () => {
  const { seller } = await world();
  const { id: skill_id } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    draft("javascript", "return 1;"),
  );
  const steps = [
    { type: "script", runtime: "javascript", code: "return 1;" },
    { type: "script", runtime: "javascript", code: "return (" },
  ];
  const refused = await seller.refused("stack_update_skill", { skill_id, execution_steps: steps });
  expect(refused.details).toMatchObject({ field: "execution_steps.1.code" });
  expect(await seller.ok("stack_get_skill", { skill_id })).toMatchObject({ version: "1.0.0" });
});

test("warns of a script that never returns", async () => {
  const { seller } = await world();
  const shown = await seller.ok<{ warnings: string[] }>(
    "stack_publish_skill",
    draft("javascript", "const a = 1;"),
  );
  expect(shown.warnings).toEqual([
    "execution_steps.0.code returns nothing: the step's value would be null.",
  ]);
});

test("counts the compute of a check for whoever asked for it", async () => {
  const { seller } = await world();
  const used = async () =>
    (await seller.ok<{ usage: { free_compute_micro_usd_today: number } }>("stack_get_balance"))
      .usage.free_compute_micro_usd_today;
  expect(await used()).toBe(0);
  await seller.ok(
    "stack_publish_skill",
    draft("javascript", `return ${"[".repeat(400)}${"]".repeat(400)};`),
  );
  expect(await used()).toBeGreaterThan(0);
});

test("keeps nobody from publishing while another publishes much at once", async () => {
  const { createOperator, seller } = await world();
  const other = await createOperator("other");
  const many = Array.from({ length: 40 }, (_, i) =>
    seller.call("stack_publish_skill", draft("javascript", "return 1;", { name: `skill-${i}` })),
  );
  await other.ok("stack_publish_skill", draft("javascript", "return 1;"));
  const outcomes = (await Promise.all(many)).map((outcome) =>
    outcome.ok ? "ok" : outcome.error.code,
  );
  expect(new Set(outcomes)).toEqual(new Set(["ok", "RATE_LIMITED"]));
  expect(outcomes.filter((outcome) => outcome === "ok").length).toBeGreaterThanOrEqual(10);
});
