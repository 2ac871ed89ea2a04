import { describe, expect, test } from "vitest";
import { CLIENT_KINDS, connect, errorIn } from "../../helpers/clients.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

describe.each(CLIENT_KINDS)("with a client of the kind %s", (kind) => {
  test("lists resources, reads them by right, and tells subscribers of changes", async () => {
    const env = testEnv(makeHome());
    const one = await connect(kind, env);
    expect(await one.resources()).toEqual({
      uris: ["stack://guide", "stack://audit/head"],
      templates: ["stack://skills/{id}", "stack://invocations/{id}", "skill://stack/{+path}"],
    });
    expect(await one.read("stack://guide")).toContain("stack_quote_skill");
    const skill = (await one.call("stack_publish_skill", openSkill())).structured;
    expect(JSON.parse(await one.read(`stack://skills/${skill?.id}`))).toMatchObject({
      name: "by-hand",
    });
    // What differs while the thing stays the same would tell subscribers of changes that are none.
    const head = JSON.parse(await one.read("stack://audit/head"));
    expect(Object.keys(head).sort()).toEqual(["hash", "operator_id", "seq"]);
    const order = { skill_id: skill?.id, input: {}, wait_ms: 0 };
    const bought = (await one.call("stack_invoke_skill", order)).structured;
    const uri = `stack://invocations/${bought?.id}`;
    const pending = JSON.parse(await one.read(uri));
    expect(pending).toMatchObject({ status: "pending" });
    expect(pending).not.toHaveProperty("poll_after_ms");
    await one.subscribe(uri);
    const updated = one.nextUpdate(uri);
    // Another process of the same operator does the work.
    const other = await connect(kind, env);
    await other.call("stack_complete_invocation", {
      invocation_id: bought?.id,
      output: { text: "done" },
    });
    await updated;
    const slow = (await one.call("stack_invoke_skill", { ...order, repeat: true })).structured;
    const told: string[] = [];
    const waiting = one.call(
      "stack_check_invocation",
      { invocation_id: slow?.id, wait_ms: 20_000 },
      (m) => told.push(m),
    );
    await other.call("stack_claim_invocation", { invocation_id: slow?.id });
    await expect.poll(() => told).toContain("A provider works on it");
    const renewal = {
      tool: "stack_renew_invocation",
      arguments: { invocation_id: slow?.id, progress: 40 },
    };
    await other.call("stack_run_write", renewal);
    await expect.poll(() => told).toContain("The provider is 40 % through");
    await other.call("stack_complete_invocation", {
      invocation_id: slow?.id,
      output: { text: "done" },
    });
    expect((await waiting).structured).toMatchObject({ status: "completed" });
    expect(JSON.parse(await one.read(uri))).toMatchObject({
      status: "completed",
      output: { text: "done" },
    });
    const made = JSON.parse(
      (await runProgram(["operator", "create", "stranger", "--json"], env)).stdout,
    );
    const stranger = await connect(kind, { ...env, STACK_API_KEY: made.api_key });
    await expect(stranger.read(uri)).rejects.toThrow(/not found/i);
    if (kind !== "v2 2026-07-28")
      await expect(stranger.subscribe(uri)).rejects.toThrow(/not found/i);
    await expect(one.read("stack://skills/skl_none")).rejects.toThrow(/not found/i);
    await expect(one.read("stack://secrets/x")).rejects.toThrow(/not found/i);
  });

  test("leads by prompts through a purchase with real ids, and through publishing", async () => {
    const client = await connect(kind, testEnv(makeHome()));
    expect(await client.prompts()).toEqual(["quickstart", "publish-a-skill"]);
    expect(await client.prompt("quickstart")).toMatch(/stack-mcp(?:\.js)? seed`/);
    const skill = (await client.call("stack_publish_skill", sealedScript("return {};"))).structured;
    const text = await client.prompt("quickstart", { goal: "run a script" });
    expect(text).toContain(`{"skill_id":"${skill?.id}"`);
    expect(text).toContain("a-script");
    expect(await client.prompt("publish-a-skill", { work: "count words" })).toContain(
      "count words",
    );
  });

  test("finds and runs tools beyond the core, errors alike, and never the wrong way", async () => {
    const client = await connect(kind, testEnv(makeHome()));
    const names = (await client.listTools()).map(({ name }) => name);
    expect(names).not.toContain("stack_update_skill");
    const found = await client.call("stack_find_tools", { query: "stack_update_skill" });
    expect(found.structured?.items).toMatchObject([
      { name: "stack_update_skill", run_with: "stack_run_write", input_schema: { type: "object" } },
    ]);
    const skill = (await client.call("stack_publish_skill", openSkill())).structured;
    const change = { skill_id: skill?.id, tags: ["new"] };
    const run = (tool: string, name: string, input: object) =>
      client.call(tool, { tool: name, arguments: input });
    expect((await run("stack_run_write", "stack_update_skill", change)).structured).toMatchObject({
      tags: ["new"],
    });
    expect(
      (await run("stack_run_read", "stack_list_my_skills", {})).structured?.items,
    ).toHaveLength(1);
    const code = async (tool: string, name: string, input: object) =>
      errorIn((await run(tool, name, input)).text).error.code;
    expect(await code("stack_run_read", "stack_update_skill", change)).toBe("INVALID_REQUEST");
    expect(await code("stack_run_write", "stack_list_my_skills", {})).toBe("INVALID_REQUEST");
    expect(await code("stack_run_write", "stack_run_write", {})).toBe("NOT_FOUND");
    expect(await code("stack_run_read", "stack_nothing", {})).toBe("NOT_FOUND");
    expect(await code("stack_run_write", "stack_update_skill", { skill_id: "skl_none" })).toBe(
      "SKILL_NOT_FOUND",
    );
    expect(await code("stack_run_read", "stack_list_my_skills", { limit: 0 })).toBe(
      "INVALID_REQUEST",
    );
    expect((await client.call("stack_update_skill", change)).structured).toMatchObject({
      id: change.skill_id,
    });
    await expect(client.call("stack_nothing", {})).rejects.toThrow(
      /Unknown tool.*stack_find_tools/,
    );
  });

  test("neither lists nor runs in any way what a host excludes or makes read-only", async () => {
    const env = testEnv(makeHome());
    const maker = await connect(kind, env);
    const skill = (await maker.call("stack_publish_skill", openSkill())).structured;
    const readOnly = await connect(kind, env, ["--read-only", "--tools=core,wallet"]);
    const names = (await readOnly.listTools()).map(({ name }) => name);
    expect(names).toContain("stack_list_transactions");
    expect(names).not.toContain("stack_invoke_skill");
    expect(names).not.toContain("stack_run_write");
    const order = { skill_id: skill?.id, input: {}, wait_ms: 0 };
    await expect(readOnly.call("stack_invoke_skill", order)).rejects.toThrow(/Unknown tool/);
    const around = await readOnly.call("stack_run_read", {
      tool: "stack_invoke_skill",
      arguments: order,
    });
    expect(errorIn(around.text).error.code).toBe("NOT_FOUND");
    const blind = await connect(kind, env, ["--exclude-tools=stack_get_skill"]);
    await expect(blind.read(`stack://skills/${skill?.id}`)).rejects.toThrow(/not found/i);
    const less = await connect(kind, {
      ...env,
      STACK_TOOLS: "all",
      STACK_EXCLUDE_TOOLS: "wallet,stack_topup",
    });
    const left = (await less.listTools()).map(({ name }) => name);
    expect(left).toContain("stack_approve_skill");
    expect(left).not.toContain("stack_topup");
    const excluded = await less.call("stack_run_read", {
      tool: "stack_list_transactions",
      arguments: {},
    });
    expect(errorIn(excluded.text).error.code).toBe("NOT_FOUND");
    expect((await less.call("stack_find_tools", { toolset: "wallet" })).structured?.items).toEqual(
      [],
    );
  });
});

test.each([
  [["--tools=core,nonsense"], 1, /^stack-mcp: --tools or STACK_TOOLS names nonsense/],
  [
    ["--exclude-tools", "stack_nothing"],
    1,
    /--exclude-tools or STACK_EXCLUDE_TOOLS names stack_nothing/,
  ],
  [["--read-only=maybe"], 2, /read-only/],
  [["--tools", "core", "--unknown"], 2, /--unknown/],
])("ends stack-mcp %j with %i and says why", async (args, code, said) => {
  const ran = await runProgram(args, testEnv(makeHome()));
  expect(ran.code).toBe(code);
  expect(ran.stderr).toMatch(said);
  expect(ran.stdout).toBe("");
});
