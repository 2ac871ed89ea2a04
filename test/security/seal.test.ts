import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { openTestApp } from "../helpers/app.ts";
import { makeHome, TEST_MASTER_KEY } from "../helpers/home.ts";
import { echoes, startHttpServer } from "../helpers/http-server.ts";
import { startLlmServer, status } from "../helpers/llm-server.ts";
import { withSnapshot } from "../helpers/sandbox.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

const CODE = "canary_in_code_8261";
const SENT = "canary_sent_2945";
const PROMPT = "canary_in_prompt_5517";
const INPUT = "canary_in_input_9034";
const OUTPUT = "canary_in_output_7742";
const REASON = "canary_in_reason_3380";
const CREDENTIAL = "canary_credential_4406/+=";
const SELLERS = "canary_of_the_seller_6617";
const HOST_KEY = "sk-canary-of-the-host-1199";

test("keeps what is sealed out of the database, its log, the program's log, an error", async () => {
  const server = await startLlmServer(status(500));
  const service = await startHttpServer(echoes);
  const env = {
    OPENAI_API_KEY: HOST_KEY,
    OPENAI_BASE_URL: server.baseUrl,
    STACK_LOG: "debug",
    STACK_EGRESS_ALLOW_LOCAL: `127.0.0.1:${service.port}`,
  };
  const { app, home, createOperator, logged } = await openTestApp({
    env,
    home: await withSnapshot(makeHome()),
  });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const publish = async (draft: Record<string, unknown>) =>
    (await seller.ok<{ id: string }>("stack_publish_skill", draft)).id;
  const answers: string[] = [];
  const invoke = async (skill_id: string, more: Record<string, unknown> = {}) => {
    const outcome = await buyer.call("stack_invoke_skill", {
      skill_id,
      input: { text: INPUT },
      wait_ms: 20_000,
      ...more,
    });
    answers.push(JSON.stringify(outcome));
    return outcome.ok ? String(outcome.value.id) : "";
  };

  await invoke(
    await publish(sealedScript(`throw new Error("${CODE}" + $INPUT.text);`, { name: "throws" })),
  );
  await invoke(await publish(sealedScript(`return "${CODE}";`, { name: "misfit" })));
  // The parser's words have the code's in them: its author reads them, and no log does.
  const broken = await seller.refused(
    "stack_publish_skill",
    sealedScript(`let ${CODE}; let ${CODE};`),
  );
  expect(JSON.stringify(broken.details)).toContain(CODE);
  const llm = {
    type: "llm",
    model: "openai/gpt-4o-mini",
    system_prompt: PROMPT,
    user_message: `${PROMPT} $INPUT.text`,
  };
  await invoke(await publish(sealedScript("", { name: "llm", execution_steps: [llm] })));
  for (const [who, secret] of [
    [buyer, CREDENTIAL],
    [seller, SELLERS],
  ] as const) {
    const connection = {
      provider: "crm",
      hosts: ["127.0.0.1"],
      auth: { type: "header", name: "x-key" },
      secret,
    };
    await who.ok("stack_connect_custom_service", connection);
  }
  const call = `const said = await (await proxy_fetch("${service.url}/${SENT}", { method: "POST", service: "crm", body: "${SENT}" })).text();`;
  for (const credential_mode of ["buyer_provides", "seller_provides"]) {
    const mode = { credential_mode, required_credentials: [{ provider: "crm" }] };
    await invoke(
      await publish(
        sealedScript(`${call} return { said };`, {
          ...mode,
          name: `says-${credential_mode.slice(0, 5)}`,
        }),
      ),
    );
    await invoke(
      await publish(
        sealedScript(`${call} throw new Error(said);`, {
          ...mode,
          name: `throws-${credential_mode.slice(0, 5)}`,
        }),
      ),
    );
  }
  const python = {
    execution_steps: [
      { type: "script", runtime: "python", code: `raise ValueError("${CODE}" + input["text"])` },
    ],
  };
  await invoke(await publish(sealedScript("", { ...python, name: "python" })));
  expect(service.seen.map(({ headers }) => headers["x-key"])).toEqual([
    CREDENTIAL,
    CREDENTIAL,
    SELLERS,
    SELLERS,
  ]);
  const open = await publish(openSkill());
  const completed = await invoke(open, { wait_ms: 0 });
  await seller.ok("stack_complete_invocation", {
    invocation_id: completed,
    output: { text: OUTPUT },
  });
  const failed = await invoke(open, { wait_ms: 0, repeat: true });
  await seller.ok("stack_fail_invocation", { invocation_id: failed, reason: REASON });

  const canaries = [
    CODE,
    SENT,
    PROMPT,
    INPUT,
    OUTPUT,
    REASON,
    CREDENTIAL,
    SELLERS,
    HOST_KEY,
    buyer.apiKey,
    seller.apiKey,
    TEST_MASTER_KEY,
  ];
  const places = new Map<string, string>([["log", logged.join("\n")]]);
  for (const file of filesIn(home)) places.set(file, readFileSync(join(home, file), "latin1"));
  expect([...places.keys()]).toEqual(expect.arrayContaining(["stack.db", "stack.db-wal"]));
  for (const [place, text] of places) {
    for (const canary of canaries)
      expect(text.includes(canary), `${canary.slice(0, 24)} in ${place}`).toBe(false);
  }
  const shown = answers.join("\n");
  // What was sent to a service comes back from it; the secret that went along does not.
  expect(shown).toContain(SENT);
  expect(shown).toContain("[redacted]");
  for (const canary of [CODE, PROMPT, CREDENTIAL, SELLERS, HOST_KEY])
    expect(shown).not.toContain(canary);
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

test("shows a sealed skill's publisher neither input nor output of its users", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript(`return { answer: "${OUTPUT}" };`),
  );
  const order = { skill_id: skill.id, input: { text: INPUT }, wait_ms: 20_000 };
  const run = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
  expect(run).toMatchObject({ output: { answer: OUTPUT } });
  const seen = JSON.stringify(await seller.ok("stack_check_invocation", { invocation_id: run.id }));
  for (const canary of [INPUT, OUTPUT]) expect(seen).not.toContain(canary);
});
