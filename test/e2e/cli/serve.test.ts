import { expect, test } from "vitest";
import { connectTo } from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { send } from "../../helpers/server.ts";
import { spawnServer } from "../../helpers/server-process.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

async function made<T>(args: readonly string[], env: Record<string, string>): Promise<T> {
  const { code, stdout, stderr } = await runProgram([...args, "--json"], env);
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return JSON.parse(stdout) as T;
}

test("lets a newcomer start a server, make a key as it says, and buy by curl and MCP", async () => {
  const env = testEnv(makeHome());
  const server = await spawnServer(env);
  await expect.poll(server.said).toContain("key create local");
  expect(server.said()).toContain("seed --remove");
  // It tells its own terminal how it was started, and callers no path of this machine.
  expect(server.said()).toContain("stack-mcp.js key create local");
  const stranger = await send(server, "GET /v1/skills");
  expect(stranger.text).toContain("`stack-mcp key create <operator>`");
  const { api_key: key } = await made<{ api_key: string }>(["key", "create", "local"], env);
  const { body } = await send(server, "GET /v1/skills?search=slug", { key });
  const [skill] = body.items as { id: string }[];
  const bought = await send(server, `POST /v1/skills/${skill?.id}/invoke`, {
    key,
    body: { input: { text: "Crème brûlée" }, wait_ms: 20_000 },
  });
  expect(bought.body).toMatchObject({ status: "completed", output: { slug: "creme-brulee" } });
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: key });
  expect(
    (await client.call("stack_check_invocation", { invocation_id: bought.body.id })).structured,
  ).toMatchObject({
    status: "completed",
  });
  await client.close();
  expect(await server.stop()).toBe(0);
});

test("makes keys, lists them without their secrets, and revokes them by command", async () => {
  const env = testEnv(makeHome());
  const made1 = await made<{ api_key: string; key_id: string; scopes: string[] }>(
    ["key", "create", "local", "--name", "reader", "--scopes", "skills:read"],
    env,
  );
  expect(made1.scopes).toEqual(["skills:read"]);
  const listed = await runProgram(["key", "list"], env);
  expect(listed.stdout).toContain(made1.key_id);
  expect(listed.stdout).toContain("reader");
  expect(listed.stdout).not.toContain(made1.api_key);
  expect(await made(["key", "revoke", made1.key_id], env)).toMatchObject({ status: "revoked" });
  const wrong = await runProgram(["key", "create", "local", "--scopes", "everything"], env);
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining("There is no scope everything"),
  ]);
  const nobody = await runProgram(["key", "create", "nobody"], env);
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("operator list")]);
});

test("gives the payment page also to a client on stdio of the same folder", async () => {
  const home = makeHome();
  const env = testEnv(home);
  const server = await spawnServer(env);
  const { connect } = await import("../../helpers/clients.ts");
  const client = await connect("v2 2026-07-28", env);
  const { structured } = await client.call("stack_topup", { amount_cents: 1_000 });
  const page = await send(server, `GET ${new URL(String(structured?.checkout_url)).pathname}`);
  expect(page.text).toContain("Pay $10.00");
  await server.stop();
  const after = await client.call("stack_topup", { amount_cents: 1_000 });
  expect(after.structured).not.toHaveProperty("checkout_url");
  expect(after.structured?.next_step).toContain("operator fund");
});

test("loses and doubles nothing when it is stopped under load and started again", async () => {
  const env = testEnv(makeHome());
  const buyers = [];
  for (let i = 0; i < 8; i++)
    buyers.push(
      await made<{ api_key: string }>(
        ["operator", "create", `buyer-${i}`, "--fund", "100000"],
        env,
      ),
    );
  const seller = await made<{ api_key: string }>(["operator", "create", "seller"], env);
  let server = await spawnServer(env);
  const port = new URL(server.url).port;
  const offers = [sealedScript("return { n: $INPUT.n };"), openSkill({ output_schema: {} })];
  const skills: string[] = [];
  for (const body of offers)
    skills.push(
      String((await send(server, "POST /v1/skills", { key: seller.api_key, body })).body.id),
    );

  const until = performance.now() + 10_000;
  const orders = new Map<string, string>();
  const asked = async (line: string, options: Parameters<typeof send>[2]) => {
    for (;;) {
      try {
        const answer = await send({ url: `http://127.0.0.1:${port}` }, line, options);
        if (answer.status < 500) return answer;
      } catch {
        // It is being started again.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const buy = async (key: string, name: string) => {
    for (let n = 0; performance.now() < until; n++) {
      const order = `${name}-${n}`;
      const skill = skills[n % 4 === 0 ? 1 : 0];
      const answer = await asked(`POST /v1/skills/${skill}/invoke`, {
        key,
        headers: { "idempotency-key": order },
        body: { input: { n }, wait_ms: n % 4 === 0 ? 0 : 5_000 },
      });
      expect([order, answer.status]).toEqual([order, 201]);
      orders.set(order, String(answer.body.id));
      await asked("GET /v1/billing/balance", { key });
    }
  };
  const sell = async () => {
    while (performance.now() < until) {
      const { body } = await asked("GET /v1/skills/invocations/pending?limit=5", {
        key: seller.api_key,
      });
      for (const { id } of (body.items ?? []) as { id: string }[]) {
        await asked(`POST /v1/skills/invocations/${id}/complete`, {
          key: seller.api_key,
          body: { output: { text: "done" } },
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const load = [...buyers.map(({ api_key }, i) => buy(api_key, `buyer-${i}`)), sell()];
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(await server.stop()).toBe(0);
  server = await spawnServer(env, ["--port", port]);
  await Promise.all(load);
  expect(new Set(orders.values()).size).toBe(orders.size);
  expect(await server.stop()).toBe(0);
  expect((await runProgram(["ledger", "verify"], env)).stdout).toContain("sound");
  expect((await runProgram(["audit", "verify"], env)).code).toBe(0);
  // Each order is one invocation, and each that was run to its end one settlement.
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(`${env.STACK_HOME}/stack.db`, { readonly: true });
  const count = (sql: string) => db.prepare(sql).pluck().get();
  expect(count("select count(*) from invocations")).toBe(orders.size);
  expect(
    count("select count(*) from invocations where status = 'failed' and verdict <> 'lost'"),
  ).toBe(0);
  expect(count("select count(*) from invocations where status = 'completed'")).toBeGreaterThan(40);
  db.close();
}, 120_000);

test.each([
  ["on this machine", [], 12],
  ["on this machine, told to leave it", ["--no-seed"], 0],
  ["beyond it", ["--host", "0.0.0.0"], 0],
  ["beyond it, asked to", ["--host", "0.0.0.0", "--seed"], 12],
])("puts examples, or none, into a new folder that is served %s", async (_, flags, skills) => {
  const env = testEnv(makeHome(), { STACK_ALLOWED_HOSTS: "stack.example" });
  const server = await spawnServer(env, ["--port", "0", ...flags]);
  await expect.poll(server.said).toContain("key create local");
  const { api_key: key } = await made<{ api_key: string }>(["key", "create", "local"], env);
  const { body } = await send(server, "GET /v1/skills?limit=100", { key });
  expect(body.items).toHaveLength(skills);
  await server.stop();
});
