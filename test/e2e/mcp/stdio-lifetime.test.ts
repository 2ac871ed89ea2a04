import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { programPath, runProgram } from "../../helpers/program.ts";
import { sealedScript } from "../../helpers/skills.ts";
import { callTool, INITIALIZE, startStdio } from "../../helpers/stdio.ts";

test("ends when stdin ends, voids running work and leaves none behind", async () => {
  const home = makeHome();
  const server = startStdio(testEnv(home));
  server.say(INITIALIZE);
  await server.answer(1);
  server.say(callTool(2, "stack_publish_skill", sealedScript("await new Promise(() => {});")));
  const published = (await server.answer(2)).result?.structuredContent as { id: string };
  server.say(callTool(3, "stack_invoke_skill", { skill_id: published.id, input: {}, wait_ms: 0 }));
  expect((await server.answer(3)).result).toMatchObject({
    structuredContent: { status: "processing" },
  });
  const started = performance.now();
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(5_000);
  const listed = await runProgram(["operator", "list", "--json"], testEnv(home));
  expect(JSON.parse(listed.stdout)).toEqual([
    expect.objectContaining({ balance_cents: 1_000, held_cents: 0 }),
  ]);
});

test("ends what a cancelled call began; the same call later runs and is charged once", async () => {
  const server = startStdio(testEnv(makeHome(), { STACK_TOOLS: "all" }));
  server.say(INITIALIZE);
  await server.answer(1);
  const slow = "const end = Date.now() + 500; while (Date.now() < end) {} return {};";
  const value = async <T>(id: number) => (await server.answer(id)).result?.structuredContent as T;
  server.say(callTool(2, "stack_publish_skill", sealedScript(slow)));
  const { id: skill_id } = await value<{ id: string }>(2);
  const order = { skill_id, input: {}, wait_ms: 20_000 };
  server.say(callTool(3, "stack_invoke_skill", order));
  let asked = 100;
  const mine = async () => {
    server.say(callTool(++asked, "stack_list_my_invocations", {}));
    return (await value<{ items: { status: string }[] }>(asked)).items.map(({ status }) => status);
  };
  await expect.poll(mine).toEqual(["processing"]);
  server.say({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 3, reason: "timed out" },
  });
  await expect.poll(mine).toEqual(["cancelled"]);
  server.say(callTool(4, "stack_invoke_skill", order));
  expect((await server.answer(4)).result).toMatchObject({
    structuredContent: { status: "completed" },
  });
  server.say(callTool(5, "stack_get_balance", {}));
  // 26 cents for the one run, 17 of them earned by the operator that bought its own skill.
  expect((await server.answer(5)).result).toMatchObject({
    structuredContent: { balance_cents: 974, held_cents: 0 },
  });
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("ends although nobody reads its log any more", async () => {
  const server = startStdio(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.stderr?.destroy();
  server.child.stdin.write("[]\n".repeat(500));
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

test("ends by SIGTERM in the same way", async () => {
  const server = startStdio(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
});

test("serves and ends although its client never reads stderr", async () => {
  const env = testEnv(makeHome(), { STACK_LOG: "debug", STACK_API_KEY: "sk_live_op_wrong" });
  const child = spawn(process.execPath, [programPath, "--no-seed"], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let answers = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    answers += chunk.toString("utf8").split("\n").length - 1;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
  const calls = 1_500;
  for (let id = 2; id < calls + 2; id++)
    child.stdin.write(`${JSON.stringify(callTool(id, "stack_get_balance", {}))}\n`);
  await expect.poll(() => answers, { timeout: 30_000 }).toBe(calls + 1);
  child.stdin.end();
  expect(await ended).toBe(0);
});
