import { once } from "node:events";
import { connect as dial } from "node:net";
import { expect, test } from "vitest";
import { send, startTestServer } from "../../helpers/server.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

test("tells a request that was being sent to come back, and ends readiness at once", async () => {
  const server = await startTestServer();
  const { localKey: key } = server;
  // Something that runs keeps it from being gone before it is asked.
  const code = "const end = Date.now() + 1500; while (Date.now() < end) {} return {};";
  const { body: skill } = await send(server, "POST /v1/skills", {
    key,
    body: sealedScript(code),
  });
  const { body: run } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key,
    body: { input: {}, wait_ms: 0 },
  });
  expect(run.status).toBe("processing");
  const begun = async (path: string) => {
    const socket = dial(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`);
    return socket;
  };
  const sockets = [await begun("/health/ready"), await begun("/v1/skills")];
  // Their first half has arrived when another request was answered.
  await send(server, "GET /health/live");
  const stopped = server.stop();
  const answers = sockets.map(async (socket) => {
    socket.write("\r\n");
    const [data] = (await once(socket, "data")) as [Buffer];
    return data.toString();
  });
  const [ready, asked] = await Promise.all(answers);
  expect(ready).toMatch(/^HTTP\/1\.1 503 [\s\S]*"stopping"/);
  expect(asked).toMatch(/^HTTP\/1\.1 503 [\s\S]*"BUSY"/);
  await stopped;
});

test("lets nobody new in, ends what runs, answers who waits, and loses no hold", async () => {
  const server = await startTestServer({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const { localKey: key, app } = server;
  const code = "const end = Date.now() + 700; while (Date.now() < end) {} return {};";
  const { body: skill } = await send(server, "POST /v1/skills", {
    key,
    body: sealedScript(code),
  });
  const { body: open } = await send(server, "POST /v1/skills", {
    key,
    body: openSkill({ price_per_invocation: 50 }),
  });
  const invoke = (id: unknown) =>
    send(server, `POST /v1/skills/${id}/invoke`, {
      key,
      body: { input: {}, repeat: true, wait_ms: 25_000 },
    });
  const [running, queued, byHand] = [invoke(skill.id), invoke(skill.id), invoke(open.id)];
  const socket = dial(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  await expect
    .poll(() =>
      app.store
        .read((r) => r.invocations.countByEnd())
        .then((ends) => ends.reduce((sum, { count }) => sum + count, 0)),
    )
    .toBe(3);
  const ready = send(server, "GET /health/ready");
  expect((await ready).status).toBe(200);
  const stopped = server.stop();
  socket.destroy();
  const statuses = await Promise.all(
    [running, queued, byHand].map(async (one) => (await one).body.status),
  );
  expect(statuses.sort()).toEqual(["completed", "pending", "pending"]);
  await stopped;
  await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
  const again = await startTestServer({ home: server.home });
  expect(await again.app.services.wallet.findLedgerProblems()).toEqual([]);
  const wallet = await send(again, "GET /v1/billing/balance", { key: again.localKey });
  expect(Number(wallet.body.held_cents)).toBeGreaterThanOrEqual(50);
  // What was queued is run by the next process.
  await expect
    .poll(
      async () => {
        const { body } = await send(again, "GET /v1/skills/invocations/mine", {
          key: again.localKey,
        });
        return (body.items as { status: string }[]).map(({ status }) => status).sort();
      },
      { timeout: 10_000 },
    )
    .toEqual(["completed", "completed", "pending"]);
});
