import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { makeHome, testEnv } from "../helpers/home.ts";
import { runProgram } from "../helpers/program.ts";
import { type Answer, send } from "../helpers/server.ts";
import { type ServerProcess, spawnServer } from "../helpers/server-process.ts";
import { sealedScript } from "../helpers/skills.ts";

const OPEN_FILES = 128;

test("refuses sealed work by name when descriptors run out, lives, and works again", async () => {
  const env = testEnv(makeHome());
  const { api_key: key } = JSON.parse(
    (await runProgram(["operator", "create", "somebody", "--json"], env)).stdout,
  ) as {
    api_key: string;
  };
  const server = await spawnServer(env, ["--port", "0"], { openFiles: OPEN_FILES });
  const draft = sealedScript("return { n: $INPUT.n + 1 };", { price_per_invocation: 0 });
  const { body: skill } = await send(server, "POST /v1/skills", { key, body: draft });
  const order = { key, body: { input: { n: 1 }, repeat: true, wait_ms: 20_000 } };
  const invoke = () => send(server, `POST /v1/skills/${skill.id}/invoke`, order);
  expect((await invoke()).body).toMatchObject({ status: "completed", output: { n: 2 } });

  const strangers = await useUp(server);
  // Children that were ready before are used first.
  const starved = await until(invoke, ({ body }) => body.status !== "completed");
  expect(starved.body).toMatchObject({ status: "failed", error: { code: expect.any(String) } });
  expect(server.child.exitCode).toBeNull();
  await expect.poll(server.said).toContain("SANDBOX_UNAVAILABLE");
  expect(server.said()).not.toContain("TypeError");

  for (const stranger of strangers) stranger.destroy();
  expect((await until(invoke, ({ body }) => body.status === "completed")).body).toMatchObject({
    output: { n: 2 },
  });
  expect(await server.stop()).toBe(0);
});

/** Connections that say nothing, more than the server has descriptors for. */
async function useUp({ url }: ServerProcess): Promise<Socket[]> {
  const { hostname: host, port } = new URL(url);
  const sockets = Array.from({ length: OPEN_FILES }, () => connect({ host, port: Number(port) }));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(
    sockets.map((socket) => {
      socket.on("error", () => {});
      return new Promise((resolve) => socket.once("connect", resolve));
    }),
  );
  return sockets;
}

async function until(
  act: () => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await act();
    if (isSo(answer)) return answer;
  }
}
