import { expect, test } from "vitest";
import { modern } from "../../helpers/mcp-wire.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

const DECLARED = { extensions: { "io.modelcontextprotocol/tasks": {} } };

/** A skill that its seller does by hand. */
async function offered(server: TestServer) {
  const seller = await server.createOperator("seller");
  const { body: skill } = await send(server, "POST /v1/skills", {
    key: seller,
    body: openSkill(),
  });
  return { seller, skill };
}

test("gives who declares tasks one to ask for and cancel, with the same result", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const { seller, skill } = await offered(server);
  const invoke = (capabilities?: object) =>
    modern(
      server,
      key,
      "tools/call",
      {
        name: "stack_invoke_skill",
        arguments: { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 },
      },
      capabilities,
    );
  const plain = await invoke();
  expect(plain.message.result.structuredContent.status).toBe("pending");
  const { result: task } = (await invoke(DECLARED)).message;
  expect(task).toMatchObject({
    resultType: "task",
    status: "working",
    taskId: expect.stringMatching(/^sinv_/),
  });
  const ask = (method: string, taskId: string, who = key, capabilities: object = DECLARED) =>
    modern(server, who, method, { taskId }, capabilities);
  expect((await ask("tasks/get", task.taskId)).message.result).toMatchObject({
    status: "working",
  });
  expect((await ask("tasks/get", task.taskId, key, {})).message.error.code).toBe(-32_021);
  const stranger = await server.createOperator("stranger");
  for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
    expect((await ask(method, task.taskId, stranger)).message.error).toMatchObject({
      code: -32_602,
    });
    expect((await ask(method, "sinv_nothing")).message.error).toMatchObject({ code: -32_602 });
  }
  const path = `/v1/skills/invocations/${task.taskId}`;
  await send(server, `POST ${path}/complete`, {
    key: seller,
    body: { output: { text: "done" } },
  });
  const { result: ended } = (await ask("tasks/get", task.taskId)).message;
  const { body: invocation } = await send(server, `GET ${path}`, { key });
  expect(ended).toMatchObject({ status: "completed", result: { structuredContent: invocation } });
  const second = (await invoke(DECLARED)).message.result;
  const reading = await server.keyFor("local", ["skills:read"]);
  expect((await ask("tasks/cancel", second.taskId, reading)).message.error.message).toContain(
    "skills:invoke",
  );
  expect((await ask("tasks/get", second.taskId)).message.result.status).toBe("working");
  await ask("tasks/cancel", second.taskId);
  expect((await ask("tasks/get", second.taskId)).message.result.status).toBe("cancelled");
  expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
});

test("makes no task of what waits for a person, and tells its caller of the approval", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  const { skill } = await offered(server);
  const body = { name: "shopper", accountability_mode: "standard" };
  const { body: agent } = await send(server, "POST /v1/agents/register", { key, body });
  const grant = { agent_id: agent.id, mandate: { approve_over_cents: 0 } };
  const { body: passport } = await send(server, "POST /v1/passports/issue", { key, body: grant });
  const order = {
    name: "stack_invoke_skill",
    arguments: { skill_id: skill.id, input: {}, wait_ms: 25_000 },
  };
  const { message } = await modern(server, String(passport.token), "tools/call", order, DECLARED);
  expect(message.result.structuredContent).toMatchObject({
    approval: { url: expect.any(String) },
  });
}, 15_000);

test("makes no task of what is over at once, or was refused", async () => {
  const server = await startTestServer();
  const { body: skill } = await send(server, "POST /v1/skills", {
    key: server.localKey,
    body: sealedScript("return { n: 1 };"),
  });
  const invoke = (input: object) =>
    modern(
      server,
      server.localKey,
      "tools/call",
      { name: "stack_invoke_skill", arguments: input },
      DECLARED,
    );
  const { result } = (await invoke({ skill_id: skill.id, input: {}, wait_ms: 20_000 })).message;
  expect(result).toMatchObject({
    resultType: "complete",
    structuredContent: { status: "completed", output: { n: 1 } },
  });
  // A caller that says nothing of waiting has short work done in the same turn, and long work as a
  // task.
  const again = { skill_id: skill.id, input: {}, repeat: true };
  expect((await invoke(again)).message.result).toMatchObject({ resultType: "complete" });
  const { body: slow } = await send(server, "POST /v1/skills", {
    key: server.localKey,
    body: openSkill(),
  });
  const { result: task } = (await invoke({ skill_id: slow.id, input: {} })).message;
  expect(task).toMatchObject({ resultType: "task", status: "working" });
  expect((await invoke({ skill_id: "skl_x", input: {} })).message.result).toMatchObject({
    isError: true,
  });
});
