import { expect, test } from "vitest";
import { connectTo } from "../helpers/clients.ts";
import { testEnv } from "../helpers/home.ts";
import { runProgram } from "../helpers/program.ts";
import { send, startTestServer, type TestServer } from "../helpers/server.ts";
import { sealedScript } from "../helpers/skills.ts";

interface Asked {
  readonly id: string;
  readonly status: string;
  readonly note: string;
  readonly approval: { readonly url: string; readonly expires_at: string };
}

/**
 * A passport of the local operator whose every purchase above 20 cents waits, and a skill of 25
 * cents.
 */
async function world(server: TestServer) {
  const seller = await server.createOperator("seller");
  const skill = await send(server, "POST /v1/skills", {
    key: seller,
    body: sealedScript("return { n: 1 };"),
  });
  const named = { name: "shopper", accountability_mode: "logged" };
  const agent = await send(server, "POST /v1/agents/register", {
    key: server.localKey,
    body: named,
  });
  const intent = { summary: "Restock the <b>pantry</b>", services: [] };
  const grant = { agent_id: agent.body.id, intent, mandate: { approve_over_cents: 20 } };
  const passport = await send(server, "POST /v1/passports/issue", {
    key: server.localKey,
    body: grant,
  });
  const token = String(passport.body.token);
  return {
    ask: async () => {
      const { skill_id, ...order } = {
        skill_id: skill.body.id,
        input: {},
        repeat: true,
        wait_ms: 25_000,
      };
      const asked = await send(server, `POST /v1/skills/${skill_id}/invoke`, {
        key: token,
        body: order,
      });
      return asked.body as unknown as Asked;
    },
    page: async (asked: Asked) => send(server, `GET ${new URL(asked.approval.url).pathname}`),
  };
}

// Its caller is willing to wait longer than the test does.
test("answers at once when a purchase waits, with a page of what to decide and how", async () => {
  const server = await startTestServer();
  const { ask, page } = await world(server);
  const asked = await ask();
  expect(asked).toMatchObject({ status: "pending", held_cents: 26 });
  expect(asked.note).toContain("the page at approval.url");
  const shown = await page(asked);
  expect(shown.status).toBe(200);
  expect(shown.headers.get("cache-control")).toBe("no-store");
  for (const text of [
    "Approval asked for",
    "$0.26",
    "a-script",
    "seller",
    "shopper, an agent of local",
    `stack-mcp approval approve ${asked.id}`,
  ])
    expect(shown.text).toContain(text);
  expect(shown.text).toContain("<dd>Restock the &lt;b&gt;pantry&lt;/b&gt;</dd>");
  expect(shown.text).not.toContain("<form");
  await send(server, `POST /v1/skills/invocations/${asked.id}/approve`, { key: server.localKey });
  expect((await page(asked)).text).toContain("It was approved");
  const other = await ask();
  await send(server, `POST /v1/skills/invocations/${other.id}/deny`, { key: server.localKey });
  expect((await page(other)).text).toContain("Nothing is charged");
}, 15_000);

test("refuses an approval page's address that was guessed or is another invocation's", async () => {
  const server = await startTestServer();
  const { ask } = await world(server);
  const [first, second] = [await ask(), await ask()];
  const partsOf = ({ approval }: Asked) =>
    new URL(approval.url).pathname.slice("/approvals/".length).split(".");
  const [[payload = "", mac = ""], [other = ""]] = [partsOf(first), partsOf(second)];
  const topup = await send(server, "POST /v1/billing/topup", {
    key: server.localKey,
    body: { amount_cents: 1_000 },
  });
  const payment = String(topup.body.checkout_url).split("/checkout/")[1];
  for (const forged of [
    `${other}.${mac}`,
    `${payload}.`,
    payload,
    first.id,
    `${payload}.${mac}x`,
    payment,
    "%00",
  ]) {
    const answer = await send(server, `GET /approvals/${forged}`);
    expect([forged, answer.status]).toEqual([forged, 404]);
    expect(answer.text).toContain("There is no such approval");
  }
});

test("lets nobody decide over MCP", async () => {
  const server = await startTestServer();
  const { ask } = await world(server);
  const { id } = await ask();
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: server.localKey });
  await expect(client.call("stack_approve_invocation", { invocation_id: id })).rejects.toThrow(
    /Unknown tool/,
  );
  const ran = await client.call("stack_run_write", {
    tool: "stack_approve_invocation",
    arguments: { invocation_id: id },
  });
  expect(ran.isError).toBe(true);
});

test("lets an operator decide from the command line of the server's machine", async () => {
  const server = await startTestServer();
  const { ask } = await world(server);
  const env = testEnv(server.home);
  const [first, second] = [await ask(), await ask()];
  const listed = await runProgram(["approval", "list"], env);
  expect(listed.stdout).toContain(first.id);
  expect(listed.stdout).toMatch(/at most\s+26 cents/);
  expect((await runProgram(["approval", "approve", first.id], env)).stdout).toContain("approved");
  expect((await runProgram(["approval", "deny", second.id], env)).stdout).toContain(
    "its hold is void",
  );
  const done = await send(server, `GET /v1/skills/invocations/${first.id}?wait_ms=20000`, {
    key: server.localKey,
  });
  expect(done.body).toMatchObject({ status: "completed", output: { n: 1 } });
  expect((await runProgram(["approval", "list"], env)).stdout).toBe(
    "No purchase waits for approval.\n",
  );
  expect(await runProgram(["approval", "approve", first.id], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("does not wait for approval: it was approved"),
  });
});
