import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { draftOf, sealedScript } from "../../../helpers/skills.ts";

async function author() {
  const world = await openTestApp();
  return { ...world, author: await world.createOperator("author") };
}

test("runs a draft step by step, unpaid, and stores nothing of it", async () => {
  const { author: operator, home, app } = await author();
  const steps = [
    {
      type: "script",
      label: "shout",
      runtime: "javascript",
      code: "return { text: $INPUT.text.toUpperCase() + '-canary' };",
    },
    { type: "llm", model: "openai/gpt-4o-mini", user_message: "Text: $PREV.text" },
    { type: "script", runtime: "javascript", code: "return JSON.parse($PREV);" },
  ];
  const report = await operator.ok("stack_test_skill", draftOf("", { execution_steps: steps }));
  expect(report).toMatchObject({
    ok: true,
    output: { text: "HELLO-canary" },
    misfits: [],
    stand_in: true,
    compute_cents: 1,
    steps: [
      { step: 1, type: "script", label: "shout", ok: true, output: { text: "HELLO-canary" } },
      {
        step: 2,
        type: "llm",
        ok: true,
        output: '{"text":"HELLO-canary"}',
        usage: { output_tokens: 6 },
      },
      { step: 3, ok: true, output: { text: "HELLO-canary" } },
    ],
  });
  expect(await operator.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  const raw = new Database(join(home, "stack.db"), { readonly: true });
  for (const table of ["skills", "skill_versions", "invocations", "sealed_blobs", "holds"]) {
    expect(raw.prepare(`select count(*) as rows from ${table}`).get()).toEqual({ rows: 0 });
  }
});

test.each<[string, string, Record<string, unknown>]>([
  [
    "throws",
    "const a = 1;\nthrow new Error('no ' + $INPUT.text);",
    { code: "script_error", line: 2, reason: "Error: no hello" },
  ],
  [
    "does not parse",
    "return {\n  text: ;\n};",
    { code: "script_error", line: 2, reason: expect.stringContaining("SyntaxError") },
  ],
  [
    "asks for a host that it does not declare",
    "const url = 'http://x.test/';\nconst r = await proxy_fetch(url);\nreturn r;",
    {
      code: "script_error",
      line: 2,
      reason: expect.stringMatching(
        /x\.test is not among the hosts .* declare it in egress\.hosts/,
      ),
    },
  ],
  ["never ends", "for (;;);", { code: "timeout" }],
  [
    "takes all memory",
    "const all = []; for (;;) all.push(new Array(1e6).fill(1));",
    { code: "memory" },
  ],
])("names the author's line for a draft that %s", async (_, code, error) => {
  const { createOperator } = await openTestApp({ env: { STACK_STEP_TIMEOUT_MS: "3000" } });
  const operator = await createOperator("author");
  const report = await operator.ok("stack_test_skill", draftOf(code));
  expect(report).toMatchObject({
    ok: false,
    error: { step: 1, ...error },
    steps: [{ ok: false, error }],
  });
});

test("says where an output does not fit", async () => {
  const { author: operator } = await author();
  const report = await operator.ok("stack_test_skill", draftOf("return { text: 5 };"));
  expect(report).toMatchObject({
    ok: false,
    output: { text: 5 },
    misfits: [{ path: "/text", rule: "type" }],
  });
});

test("rejects a draft before it runs for what a purchase would be rejected for", async () => {
  const { author: operator } = await author();
  const code = async (more: object) =>
    (await operator.refused("stack_test_skill", draftOf("return {};", more))).code;
  expect(await code({ input: { text: 1 } })).toBe("INPUT_INVALID");
  expect(await code({ execution_mode: "open" })).toBe("INVALID_REQUEST");
  expect(await code({ execution_mode: "open", execution_steps: undefined })).toBe(
    "INVALID_REQUEST",
  );
  expect(await code({ output_schema: { $ref: "https://example.com" } })).toBe("SCHEMA_UNSUPPORTED");
  const service = {
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "slack" }],
  };
  expect(await code(service)).toBe("SERVICE_NOT_CONNECTED");
});

test("counts drafts like free skills, and gives them a slot like those", async () => {
  const { createOperator, app } = await openTestApp({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const operator = await createOperator("author");
  const day = Math.floor(Date.now() / 86_400_000);
  const used = async () => app.store.read((r) => r.freeCompute.usedOn(operator.id, day));
  const [one, two] = await Promise.all([
    operator.call("stack_test_skill", draftOf("return $INPUT;")),
    operator.call("stack_test_skill", draftOf("return $INPUT;")),
  ]);
  const refused = [one, two].filter((outcome) => !outcome.ok);
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ error: { code: "BUSY" } });
  expect((await used()).microUsd).toBeLessThan(10);
  await app.store.transact([operator.id], (t) =>
    t.freeCompute.take(operator.id, day, 249_950, 250_000),
  );
  expect((await operator.refused("stack_test_skill", draftOf("return $INPUT;"))).code).toBe(
    "TIER_LIMIT_EXCEEDED",
  );
  expect(await operator.ok("stack_get_balance")).toMatchObject({
    usage: { free_skill_invocations: 2 },
  });
});

test.each([
  [
    "half a character",
    "return { s: '😀'.slice(0, 1) };",
    "javascript",
    "output.s has text that is not well-formed Unicode",
  ],
  [
    "half a character as a name",
    "return { a: { ['😀'.slice(1)]: 1 } };",
    "javascript",
    "output.a has text",
  ],
  [
    "digits that are lost",
    "return { n: [2 ** 53 + 2] };",
    "javascript",
    "output.n.0 has a whole number beyond 9007199254740991",
  ],
  [
    "digits that are lost",
    "return {'n': 9007199254740993}",
    "python",
    "output.n has a whole number beyond",
  ],
  [
    "more bytes than are kept",
    "return { x: 'x'.repeat(1020000), y: 'é'.repeat(20000) };",
    "javascript",
    undefined,
  ],
  ["what does not fit", "return { n: 'one' };", "javascript", "output.n must be number"],
])(
  "fails a draft with %s as the paid run fails, naming the place",
  async (_, code, runtime, reason) => {
    const { createOperator } = await openTestApp();
    const [author, buyer] = [await createOperator("author"), await createOperator("buyer")];
    const output_schema = { type: "object", properties: { n: { type: ["number", "array"] } } };
    const draft = sealedScript(code, {
      output_schema: reason?.includes("must be")
        ? { properties: { n: { type: "number" } } }
        : output_schema,
      execution_mode: "source",
      execution_steps: [{ type: "script", runtime, code }],
    });
    type Ending = { code: string; message: string; reason?: string; limit?: object };
    const { error: told, ok } = await author.ok<{ ok: boolean; error?: Ending }>(
      "stack_test_skill",
      {
        ...draft,
        input: {},
      },
    );
    const { id: skill_id } = await author.ok<{ id: string }>("stack_publish_skill", draft);
    const order = { skill_id, input: {}, wait_ms: 20_000 };
    const { error: paid } = await buyer.ok<{ error?: Ending }>("stack_invoke_skill", order);
    expect(ok).toBe(false);
    expect(paid?.code).toMatch(/^output_/);
    expect([told?.code, told?.message, told?.reason]).toEqual([
      paid?.code,
      paid?.message,
      paid?.reason,
    ]);
    if (reason !== undefined) expect(told?.reason).toContain(reason);
    if (!reason?.includes("must be")) expect(told?.message).not.toContain("output_schema");
  },
);
