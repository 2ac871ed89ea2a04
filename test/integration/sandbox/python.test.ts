import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PYTHON_MODULES } from "../../../src/domain/runs/python-modules.ts";
import type { FetchHandler } from "../../../src/sandbox/outcome.ts";
import type { Json } from "../../../src/shared/json.ts";
import { makeHome } from "../../helpers/home.ts";
import { openSandbox } from "../../helpers/sandbox.ts";

const run = (
  code: string,
  options: { input?: Json; prev?: Json; fetch?: FetchHandler; timeoutMs?: number } = {},
) => openSandbox().run(code, { runtime: "python", timeoutMs: 20_000, ...options });

const answers: FetchHandler = async (request) => ({
  ok: true,
  response: { status: 200, headers: { "x-a": "1" }, body: JSON.stringify(request) },
});

describe("a script in Python", () => {
  test.each<[string, string, Json]>([
    ["a bare body", "total = sum(input['a'])\nreturn {'total': total}", { total: 6 }],
    ["main", "def main(input, prev):\n    return [input['a'][0], prev]", [1, "before"]],
    [
      "main that waits",
      "import asyncio\nasync def main(input, prev):\n    await asyncio.sleep(0.01)\n    return 1",
      1,
    ],
    [
      "main beside other functions",
      "def double(n):\n    return n * 2\n\ndef main(input, prev):\n    return double(21)",
      42,
    ],
    ["a body that waits", "import asyncio\nawait asyncio.sleep(0)\nreturn prev", "before"],
    ["a body without return", "x = 1", null],
    ["unicode", "return 'ä€😀' + input['text']", "ä€😀ü🎈"],
    [
      "what the library is for",
      "import statistics, datetime\nreturn [statistics.mean(input['a']), datetime.date(2026, 1, 2).isoformat()]",
      [2, "2026-01-02"],
    ],
    [
      "classes that write themselves",
      "from dataclasses import dataclass\nfrom collections import namedtuple\nimport enum\n@dataclass\nclass P:\n    x: int = 1\nclass C(enum.Enum):\n    A = 2\nreturn [P().x, C.A.value, namedtuple('Q', 'a b')(3, 4).b]",
      [1, 2, 4],
    ],
    ["printing", "print('x' * 100)\nimport sys\nsys.stderr.write('y')\nreturn 1", 1],
  ])("runs as %s", async (_, code, value) => {
    const outcome = await run(code, { input: { a: [1, 2, 3], text: "ü🎈" }, prev: "before" });
    expect(outcome).toMatchObject({ kind: "ok", value });
  });

  test.each<[string, string, Json]>([
    [
      "await",
      "r = await proxy_fetch('https://a/', method='POST', body={'b': 1})\nreturn [r.status, r['headers']['x-a'], r.json()]",
      [200, "1", ["https://a/", { method: "POST", body: { b: 1 } }]],
    ],
    [
      "a dict of options",
      "return (await proxy_fetch('https://a/', {'headers': {'h': 'v'}})).json()",
      ["https://a/", { headers: { h: "v" } }],
    ],
    [
      "gather",
      "import asyncio\nrs = await asyncio.gather(*[proxy_fetch(f'https://a/{i}') for i in range(3)])\nreturn [r.json()[0] for r in rs]",
      ["https://a/0", "https://a/1", "https://a/2"],
    ],
    [
      "run_sync",
      "from pyodide.ffi import run_sync\nreturn run_sync(proxy_fetch('https://a/')).text()",
      '["https://a/",null]',
    ],
  ])("calls proxy_fetch with %s", async (_, code, value) => {
    expect(await run(code, { fetch: answers })).toMatchObject({ kind: "ok", value });
  });

  test("learns why a call was refused, and with which code", async () => {
    const code =
      "try:\n    await proxy_fetch('https://a/')\nexcept Exception as error:\n    return [str(error), error.code]";
    expect(await run(code)).toMatchObject({
      kind: "ok",
      value: ["nothing is in reach", "EGRESS_DENIED"],
    });
  });

  test.each(["javascript", "python"] as const)(
    "sends no more bytes than fit: %s",
    async (runtime) => {
      const code = {
        javascript:
          "return await fetch('http://x/', { body: 'é'.repeat(140000) }).then(() => 'sent', (e) => e.code);",
        python:
          "try:\n    await proxy_fetch('http://x/', body='é' * 140000)\nexcept Exception as e:\n    return e.code or 'none'",
      };
      const outcome = await openSandbox().run(code[runtime], {
        runtime,
        timeoutMs: 20_000,
        fetch: answers,
      });
      expect(outcome).toMatchObject({
        kind: "ok",
        value: runtime === "javascript" ? "INVALID_REQUEST" : "none",
      });
    },
  );

  test("makes no more calls than JavaScript may", async () => {
    const code = `
import asyncio
async def one(i):
    try:
        await proxy_fetch('https://a/')
        return 'ok'
    except Exception as error:
        return str(error)
at_once = await asyncio.gather(*[one(i) for i in range(10)])
later = [await one(i) for i in range(70)]
return [at_once.count('ok'), later.count('ok')]`;
    expect(await run(code, { fetch: answers })).toMatchObject({
      kind: "ok",
      value: [8, 56],
      usage: { fetchCalls: 64 },
    });
  });

  test.each<[string, string, object]>([
    [
      "an error",
      "x = 1\ny = 2\nraise ValueError('boo')",
      { kind: "error", name: "ValueError", message: "boo", line: 3 },
    ],
    [
      "an error in a function",
      "def f():\n    return 1 / 0\n\nreturn f()",
      { kind: "error", name: "ZeroDivisionError", line: 2 },
    ],
    [
      "a script that cannot be parsed",
      "x = 1\ndef f(:\n    pass",
      { kind: "error", name: "SyntaxError", line: 2 },
    ],
    [
      "code made from text",
      "x = 1\nreturn eval('1+1')",
      { kind: "error", name: "PermissionError", line: 2 },
    ],
    ["a value that JSON lacks", "return float('nan')", { kind: "error", name: "ValueError" }],
    [
      "too much memory",
      "x = []\nwhile True:\n    x.append('a' * 1_000_000)",
      { kind: "limit", limit: "memory" },
    ],
    [
      "a result that is too large",
      "return 'x' * 2_000_000",
      { kind: "limit", limit: "output_too_large" },
    ],
  ])("ends %s with a verdict that says so", async (_, code, expected) => {
    expect(await run(code)).toMatchObject(expected);
  });

  test("catches the error of memory that it is refused", async () => {
    const code =
      "try:\n    x = bytearray(200 * 1024 * 1024)\nexcept MemoryError:\n    return 'caught'";
    expect(await run(code)).toMatchObject({ kind: "ok", value: "caught" });
  });

  test("shares no chance with another run, though both start from one memory", async () => {
    const code =
      "import random, uuid, secrets, os\nreturn [random.random(), str(uuid.uuid4()), secrets.token_hex(8), os.urandom(8).hex()]";
    const { run: again } = openSandbox();
    const values = [];
    for (let i = 0; i < 3; i++) {
      const outcome = await again(code, { runtime: "python", timeoutMs: 20_000 });
      if (outcome.kind === "ok") values.push(...(outcome.value as string[]));
    }
    expect(new Set(values).size).toBe(12);
  });

  test("leaves nothing behind for the next", async () => {
    const { run: again } = openSandbox();
    const leave =
      "import builtins, json\nbuiltins.left = 1\njson.left = 2\nopen('/tmp/left', 'w').write('3')\nreturn 1";
    expect(await again(leave, { runtime: "python", timeoutMs: 20_000 })).toMatchObject({
      kind: "ok",
    });
    const look =
      "import builtins, json, os\nreturn [hasattr(builtins, 'left'), hasattr(json, 'left'), os.path.exists('/tmp/left')]";
    expect(await again(look, { runtime: "python", timeoutMs: 20_000 })).toMatchObject({
      value: [false, false, false],
    });
  });

  test("imports every module that a publisher is promised", async () => {
    const code = `
import importlib
missing = []
for name in input['names']:
    try:
        importlib.import_module(name)
    except ImportError:
        missing.append(name)
return missing`;
    expect(PYTHON_MODULES).toHaveLength(174);
    expect(await run(code, { input: { names: PYTHON_MODULES } })).toMatchObject({
      kind: "ok",
      value: [],
    });
  });
});

test("makes a damaged snapshot again, and does without one that cannot be kept", async () => {
  const home = makeHome();
  const code = "return input['n'] + 1";
  const once = async () => {
    const { run, sandbox } = openSandbox({ home });
    const outcome = await run(code, { runtime: "python", input: { n: 1 }, timeoutMs: 20_000 });
    await sandbox.close();
    return outcome;
  };
  const cache = join(home, "cache");
  expect(await once()).toMatchObject({ kind: "ok", value: 2 });
  const [name = ""] = readdirSync(cache);
  expect(statSync(join(cache, name)).mode & 0o777).toBe(0o600);
  truncateSync(join(cache, name), 1_000);
  expect(await once()).toMatchObject({ kind: "ok", value: 2 });
  const [again = "", ...more] = readdirSync(cache);
  expect(more).toEqual([]);
  expect(statSync(join(cache, again)).size).toBeGreaterThan(1_000_000);
  rmSync(cache, { recursive: true });
  writeFileSync(cache, "a file where a folder should be");
  expect(await once()).toMatchObject({ kind: "ok", value: 2 });
});
