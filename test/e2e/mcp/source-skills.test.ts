import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { connectTo } from "../../helpers/clients.ts";
import { modern } from "../../helpers/mcp-wire.ts";
import { send, startTestServer } from "../../helpers/server.ts";
import { sealedScript } from "../../helpers/skills.ts";

test("makes a source skill the client's own, with digests, and a sealed one not", async () => {
  const server = await startTestServer();
  const key = await server.createOperator("publisher");
  const step = { type: "script", runtime: "python", label: "Count", code: "return {'n': 1}" };
  await send(server, "POST /v1/skills", {
    key,
    body: sealedScript("", {
      name: "open-book",
      execution_mode: "source",
      execution_steps: [step],
    }),
  });
  await send(server, "POST /v1/skills", {
    key,
    body: sealedScript("return 'canary';", { name: "closed-book" }),
  });
  const listed = await modern(server, server.localKey, "skills/list", {});
  expect(listed.message.result.skills).toHaveLength(1);
  expect(listed.text).not.toContain("closed-book");
  const [skill] = listed.message.result.skills;
  expect(skill).toMatchObject({
    frontmatter: { name: "open-book" },
    uri: expect.stringMatching(/^skill:\/\/stack\/skl_\w+\/open-book\/SKILL\.md$/),
  });
  const files = (skill?.resources ?? []).map(({ uri }) => uri);
  expect(files).toEqual(expect.arrayContaining([expect.stringContaining("steps/1-count.py")]));
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: server.localKey });
  expect(await client.read(files.find((uri) => uri.endsWith(".py")) ?? "")).toBe("return {'n': 1}");
  expect(await client.read(skill?.uri ?? "")).toContain("stack_invoke_skill");
});

test("lists whatever a publisher calls a source skill or says of it, by that name", async () => {
  const server = await startTestServer();
  const names = [
    "123",
    "null",
    "true",
    "0x1f",
    "1e3",
    "yes",
    "on",
    "2026-01-01",
    "0o17",
    "1-2",
    "nan",
    "inf",
  ];
  const descriptions = [
    "a: b # c",
    "- x",
    "\"quoted\" \\ and 'single'",
    "line\nline: 2\n---\nname: other",
    "{}",
    "| >",
    "%YAML 1.1",
    "é 😀 \u2028 x",
  ];
  const key = await server.createOperator("publisher", { plan: "enterprise" });
  for (const [index, name] of names.entries()) {
    const description = descriptions[index % descriptions.length];
    const draft = sealedScript("return 1;", { name, description, execution_mode: "source" });
    expect((await send(server, "POST /v1/skills", { key, body: draft })).status).toBe(201);
  }
  const { message } = await modern(server, server.localKey, "skills/list", {});
  const listed = message.result.skills.map((one: { frontmatter: object }) => one.frontmatter);
  expect(listed).toHaveLength(names.length);
  for (const [index, name] of names.entries()) {
    expect(listed).toContainEqual(
      expect.objectContaining({ name, description: descriptions[index % descriptions.length] }),
    );
  }
  expect(server.logged.join("\n")).not.toContain("could not be made");
});

test("leaves out, and logs, a source skill that is no file, and lists the others", async () => {
  const server = await startTestServer();
  const key = await server.createOperator("publisher");
  for (const name of ["good", "bad"]) {
    await send(server, "POST /v1/skills", {
      key,
      body: sealedScript("return 1;", { name, execution_mode: "source" }),
    });
  }
  const raw = new Database(join(server.home, "stack.db"));
  raw.prepare("update skills set name = 'not a slug / ..' where name = 'bad'").run();
  raw.close();
  const { message } = await modern(server, server.localKey, "skills/list", {});
  expect(message.result.skills).toMatchObject([{ frontmatter: { name: "good" } }]);
  expect(server.logged.join("\n")).toContain("could not be made a skill of the client's");
});
