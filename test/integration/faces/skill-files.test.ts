import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { draftOf, TEXT_OBJECT } from "../../helpers/skills.ts";

test("tests and publishes a skill from a file with its texts beside it", async () => {
  const home = makeHome();
  const env = testEnv(home);
  const folder = join(home, "work");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "main.js"),
    "const a = 1;\nreturn { text: $INPUT.text.toUpperCase() };\n",
  );
  const draft = {
    name: "shout",
    description: "Capitals.",
    version: "1.0.0",
    execution_mode: "sealed",
    trust_level_required: "L0",
    input_schema: TEXT_OBJECT,
    output_schema: TEXT_OBJECT,
    execution_steps: [{ type: "script", runtime: "javascript", code_file: "main.js" }],
    example_input: { text: "hello" },
  };
  const file = join(folder, "skill.json");
  writeFileSync(file, JSON.stringify(draft));
  const good = await runProgram(["skill", "test", file], env);
  expect(good).toMatchObject({ code: 0, stderr: "" });
  expect(good.stdout).toMatch(
    /step 1 {2}script {2}ok {2}wall \d+ ms.*\n\s+\{"text":"HELLO"\}\n\nIt works\./,
  );
  const bad = await runProgram(["skill", "test", file, "--input", '{"text":5}'], env);
  expect(bad).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/input_schema.*\n {2}\/text must be string/),
  });
  const thief = {
    ...draft,
    execution_steps: [{ type: "script", runtime: "javascript", code_file: "../../etc/passwd" }],
  };
  writeFileSync(join(folder, "thief.json"), JSON.stringify(thief));
  const stolen = await runProgram(["skill", "test", join(folder, "thief.json")], env);
  expect(stolen).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("must name a file in the draft's own folder"),
  });
  const published = await runProgram(["skill", "publish", file, "--json"], env);
  expect(JSON.parse(published.stdout)).toMatchObject({ name: "shout", version: "1.0.0" });
  writeFileSync(join(folder, "main.js"), "const a = 1;\nnonsense(;\n");
  const broken = await runProgram(["skill", "test", file], env);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/FAILED.*\n\s+line 2: SyntaxError/);
  writeFileSync(join(folder, "main.js"), "return { text: $INPUT.text };\n");
  expect((await runProgram(["skill", "publish", file], env)).stderr).toMatch(
    /Version 1\.0\.0 exists with other content/,
  );
  writeFileSync(file, JSON.stringify({ ...draft, version: "1.1.0" }));
  expect((await runProgram(["skill", "publish", file], env)).stdout).toMatch(
    /^updated local\/shout 1\.1\.0 \(skl_\w+\), active\.\n {2}version 1\.0\.0 → 1\.1\.0\n {2}execution_steps\n/,
  );
  for (const path of [join(folder, "nothing.json"), join(folder, "main.js")]) {
    expect(await runProgram(["skill", "publish", path], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(path),
    });
  }
});

test("reads files of any editor, and tells in one line what it cannot read", async () => {
  const home = makeHome();
  const env = testEnv(home);
  const path = join(home, "draft.json");
  const write = (bytes: string | Buffer) => {
    mkdirSync(home, { recursive: true });
    writeFileSync(path, bytes);
  };
  const { input, ...draft } = draftOf("return { text: $INPUT.text };", {
    execution_mode: "sealed",
  });
  const text = JSON.stringify({ ...draft, example_input: { text: "Größe" } });
  write(`\ufeff${text}`);
  expect((await runProgram(["skill", "test", path, "--json"], env)).stdout).toContain("Größe");
  write(Buffer.from(text, "latin1"));
  for (const [args, said] of [
    [["skill", "test", path], /draft\.json is not UTF-8/],
    [
      ["skill", "test", join(home, "none.json")],
      /none\.json cannot be read: there is no such file/,
    ],
    [
      ["audit", "verify", "--file", join(home, "none.jsonl")],
      /none\.jsonl cannot be read: there is no such file/,
    ],
    [["audit", "verify", "--file", home], /cannot be read: it is a folder/],
    [["passport", "verify", "x", "--jwks", join(home, "none.json")], /none\.json cannot be read/],
  ] as const) {
    const { code, stderr } = await runProgram([...args], env);
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toMatch(said);
  }
  expect(input).toBeDefined();
});
