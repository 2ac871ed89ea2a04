import { expect, test } from "vitest";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { sealedScript } from "../../helpers/skills.ts";
import { callTool, INITIALIZE, parse, startStdio } from "../../helpers/stdio.ts";

test("writes JSON-RPC alone to stdout, whatever is logged and however bad the input", async () => {
  const server = startStdio(testEnv(makeHome(), { STACK_LOG: "debug", STACK_TYPO: "1" }));
  server.say(INITIALIZE);
  await server.answer(1);
  server.child.stdin.write("this is no JSON\n{}\n[]\n");
  server.say(callTool(2, "stack_browse_skills", { colour: "red" }));
  server.say(callTool(3, "stack_publish_skill", sealedScript("console.log('x'); return 1;")));
  server.say(callTool(4, "no_such_tool", {}));
  expect((await server.answer(2)).result).toMatchObject({ isError: true });
  expect((await server.answer(3)).result).toMatchObject({
    structuredContent: { status: "active" },
  });
  expect((await server.answer(4)).error).toMatchObject({ code: -32602 });
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  for (const line of server.stdout().split("\n").filter(Boolean))
    expect(parse(line)).toMatchObject({ jsonrpc: "2.0" });
  expect(server.stdout().endsWith("\n")).toBe(true);
  for (const line of server.stderr().split("\n").filter(Boolean))
    expect(parse(line), line).toBeDefined();
  expect(server.stderr()).toContain("STACK_TYPO");
});

test("answers a line that is no message, and hears the next message", async () => {
  const server = startStdio(testEnv(makeHome()));
  server.say(INITIALIZE);
  await server.answer(1);
  const long = "y".repeat(11 * 1024 * 1024);
  const wrong: [string, unknown, number][] = [
    ['{"id":77,"method":"ping"}', 77, -32_600],
    ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 1.5, -32_600],
    ['{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', null, -32_600],
    ['{"jsonrpc":"2.0","id":"a","method":5}', "a", -32_600],
    ['[{"jsonrpc":"2.0","id":5,"method":"ping"}]', null, -32_600],
    ["[]", null, -32_600],
    ["7", null, -32_600],
    ['{"jsonrpc":"2.0","id":11,"method":"ping","params":[]}', 11, -32_600],
    ['{"jsonrpc":"2.0","id":12,"method":"ping","params":5}', 12, -32_600],
    ['{"jsonrpc":"2.0","id":13,"method":"ping","extra":1}', 13, -32_600],
    ['{"jsonrpc":"2.0","id":14,"method":"ping","result":{}}', 14, -32_600],
    ['{"jsonrpc":"2.0","id":1e300,"method":"ping"}', 1e300, -32_600],
    [
      `{"jsonrpc":"2.0","id":15,"method":"tools/call","params":{"arguments":null,"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`,
      15,
      -32_600,
    ],
    [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, null, -32_600],
    [`{"jsonrpc":"2.0","id":"a\\q","method":"ping","params":{"x":"${long}"}}`, null, -32_600],
    [`{"jsonrpc":"2.0","id":007,"method":"ping","params":{"x":"${long}"}}`, null, -32_600],
    ["hello", null, -32_700],
    ['{"jsonrpc":"2.0","id":7,"method":"ping",}', null, -32_700],
    [`{"jsonrpc":"2.0","id":8,"method":"ping","params":{"x":"${long}"}}`, 8, -32_600],
    [`{"method":"ping","params":{"x":"${long}"},"jsonrpc":"2.0","id":"nine"}`, "nine", -32_600],
  ];
  for (const [line, id, code] of wrong) {
    const before = server.stdout().length;
    server.child.stdin.write(`${line}\n`);
    await expect.poll(() => server.stdout().length, { interval: 5 }).toBeGreaterThan(before);
    const said = JSON.parse(server.stdout().slice(before));
    expect([line.slice(0, 60), said]).toEqual([
      line.slice(0, 60),
      { jsonrpc: "2.0", id, error: expect.objectContaining({ code }) },
    ]);
  }
  expect(server.stdout()).toContain("PAYLOAD_TOO_LARGE");
  server.child.stdin.write(
    Buffer.from('{"jsonrpc":"2.0","id":19,"method":"ping","params":{"x":"\xe9"}}\n', "latin1"),
  );
  await expect.poll(server.stdout).toContain("the line is not UTF-8");
  server.child.stdin.write(
    '\ufeff{"jsonrpc":"2.0","id":20,"method":"ping"}\r\n\n  \n{"jsonrpc":"2.0","result":{}}\n',
  );
  expect((await server.answer(20)).result).toEqual({});
  server.say({
    jsonrpc: "2.0",
    id: 21,
    method: "tools/call",
    params: { name: "stack_get_balance", arguments: null },
  });
  expect((await server.answer(21)).result).toMatchObject({
    structuredContent: { balance_cents: 1_000 },
  });
  const texts = { name: "stack_browse_skills", arguments: '{"limit":"2"}' };
  server.say({ jsonrpc: "2.0", id: 24, method: "tools/call", params: texts });
  expect((await server.answer(24)).result).toMatchObject({ structuredContent: { items: [] } });
  server.child.stdin.write('{"jsonrpc":"2.0","id":22,"method":"ping","params":null}\n');
  expect((await server.answer(22)).result).toEqual({});
  server.child.stdin.end('{"jsonrpc":"2.0","id":23');
  expect(await server.ended).toBe(0);
});

test("answers a batch together to a client of the one revision that has batches", async () => {
  const server = startStdio(testEnv(makeHome()));
  server.say({ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: "2025-03-26" } });
  await server.answer(1);
  const ping = (id: unknown) => ({ jsonrpc: "2.0", id, method: "ping" });
  const call = callTool(32, "stack_get_balance", {});
  server.say([
    ping(30),
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { id: 31, method: "ping" },
    call,
  ]);
  const batch = () =>
    server
      .stdout()
      .split("\n")
      .filter((line) => line.startsWith("["));
  await expect.poll(batch).toHaveLength(1);
  const answers = JSON.parse(batch()[0] ?? "") as { id: number; error?: { code: number } }[];
  expect(answers.map(({ id, error }) => [id, error?.code]).sort()).toEqual([
    [30, undefined],
    [31, -32_600],
    [32, undefined],
  ]);
  server.say([{ jsonrpc: "2.0", method: "notifications/initialized" }]);
  server.say(ping(33));
  expect((await server.answer(33)).result).toEqual({});
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});
