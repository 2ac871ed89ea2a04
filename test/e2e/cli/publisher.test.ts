import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { changeJson } from "../../helpers/json-file.ts";
import { type Ran, runProgram } from "../../helpers/program.ts";
import { send, startTestServer } from "../../helpers/server.ts";

async function publisher(home = makeHome()) {
  const env = testEnv(home);
  const folder = join(makeHome(), "Word Count");
  const run = (...args: string[]): Promise<Ran> => runProgram(args, env);
  const file = join(folder, "skill.json");
  const change = (fields: object) => changeJson(file, fields);
  return { home, folder, file, run, change };
}

test.each(["javascript", "python"])(
  "writes by init in %s a skill that works, and is published as it is",
  async (runtime) => {
    const { folder, file, run } = await publisher();
    const made = await run("skill", "init", folder, "--runtime", runtime);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toContain(`wrote ${file}`);
    expect((await run("skill", "test", file)).stdout).toMatch(
      /\{"words":4,"longest":5\}\n\nIt works\./,
    );
    const published = await run("skill", "publish", file);
    expect(published.stdout).toMatch(
      /^published local\/word-count 1\.0\.0 \(skl_\w+\), active\.\n/,
    );
    expect(published.stdout).toMatch(
      /A buyer will hold \d+ cents: the price of 5, at most \d+ for compute\./,
    );
    const again = await run("skill", "init", folder);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("exists already") });
  },
);

test("says what publishing changed, and keeps back a draft whose example fails", async () => {
  const { folder, file, run, change } = await publisher();
  await run("skill", "init", folder);
  await run("skill", "publish", file);
  expect((await run("skill", "publish", file)).stdout).toMatch(
    /^unchanged local\/word-count 1\.0\.0/,
  );
  change({ price_per_invocation: 1_500, description: "Counts words." });
  const dearer = await run("skill", "publish", file);
  expect(dearer.stdout).toMatch(/^updated local\/word-count 1\.0\.1/);
  expect(dearer.stdout).toContain("  price_per_invocation 5 → 1500\n");
  expect(dearer.stdout).toContain("  description\n");
  change({ example_input: { text: " " } });
  const failing = await run("skill", "publish", file);
  expect(failing).toMatchObject({ code: 1, stderr: expect.stringContaining("--untested") });
  expect(failing.stdout).toMatch(
    /refused no_words: The text has no words\.\n\nIt refuses this input\./,
  );
  expect((await run("skill", "publish", file, "--untested")).stdout).toMatch(/^updated/);
  change({ example_input: undefined });
  const without = await run("skill", "test", file);
  expect(without.stderr).toContain("has no example_input to run on. Add one, or give --input.");
  writeFileSync(join(folder, "main.js"), "return {");
  const broken = await run("skill", "publish", file, "--untested");
  expect(broken).toMatchObject({ code: 1, stdout: "" });
  expect(broken.stderr).toMatch(
    /code does not parse as JavaScript in line 1.*\n {2}a bracket or a text in it is not closed/,
  );
});

/** A skill of the local operator that somebody bought twice: once it served, once it refused. */
async function sold() {
  const server = await startTestServer();
  const { folder, file, run } = await publisher(server.home);
  await run("skill", "init", folder);
  await run("skill", "publish", file);
  const buyer = await server.createOperator("buyer");
  for (const text of ["SECRET words here", " "]) {
    const order = { input: { text }, wait_ms: 20_000 };
    const bought = await send(server, "POST /v1/skills/word-count/invoke", {
      key: buyer,
      body: order,
    });
    expect(bought.status).toBe(201);
  }
  return { server, run, buyer };
}

test("shows a publisher how its skill does, and never what was asked", async () => {
  const { server, run, buyer } = await sold();
  const listed = await run("skill", "list");
  expect(listed.stdout).toMatch(/^word-count 1\.0\.0 {2}active, 5 cents, \d runs? {2}skl_\w+\n$/);
  expect((await run("skill", "show", "word-count")).stdout).toMatch(
    /refuses\s+no_words: The text has no words\./,
  );
  const logs = await run("skill", "logs", "word-count");
  expect(logs.stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/1\.0\.0 {2}refused \(no_words\), step 1 {2}\d+ ms {2}sinv_/),
    expect.stringMatching(/1\.0\.0 {2}completed {2}\d+ ms {2}\d cents earned {2}sinv_/),
  ]);
  expect(logs.stdout).not.toMatch(/SECRET|buyer/);
  expect((await run("skill", "logs", "word-count", "--failed")).stdout).not.toContain("completed");
  const missing = await run("skill", "logs", "nothing");
  expect(missing).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("no such skill"),
  });
  const found = async () =>
    (await send(server, "GET /v1/skills?search=word-count", { key: buyer })).body.items;
  expect((await run("skill", "unlist", "word-count")).stdout).toContain(
    "skill activate word-count`",
  );
  expect(await found()).toEqual([]);
  await run("skill", "activate", "word-count");
  expect(await found()).toHaveLength(1);
});

test("shows a publisher what it sold and earned", async () => {
  const { run } = await sold();
  const csv = await run("sales", "--csv");
  const [head, ...rows] = csv.stdout.trim().split("\r\n");
  expect(head).toBe(
    "id,skill_id,version,status,verdict,created_at,completed_at,earned_cents,commission_cents",
  );
  expect(rows.map((row) => row.split(",")[4])).toEqual(["refused", ""]);
  expect(csv.stdout).not.toMatch(/SECRET|buyer/);
  expect(
    (await run("sales", "--skill", "word-count", "--limit", "1")).stdout.trim().split("\n"),
  ).toHaveLength(1);
  expect((await run("earnings")).stdout).toMatch(/word-count\s+\d cents in 1 run\n/);
});

test("connects a service with a secret that stands in no argument and in no output", async () => {
  const { home } = await publisher();
  const env = { ...testEnv(home), CRM_KEY: "secret-12345" };
  const connect = (...more: string[]) =>
    runProgram(["service", "connect", "crm", "--host", "api.acme.example", ...more], env);
  const made = await connect("--auth", "header:X-Api-Key", "--secret-env", "CRM_KEY");
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("goes to api.acme.example only"),
  });
  const listed = await runProgram(["service", "list", "--json"], env);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { provider: "crm", hosts: ["api.acme.example"] },
  ]);
  expect(`${made.stdout}${listed.stdout}`).not.toContain("secret-12345");
  expect(await connect("--secret-env", "NOT_SET")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("NOT_SET is not set"),
  });
  expect(await connect("--auth", "digest", "--secret-env", "CRM_KEY")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("bearer, basic:<user>, header:<name> or query:<name>"),
  });
});
