import { expect, test } from "vitest";
import type { FetchHandler } from "../../../src/sandbox/outcome.ts";
import type { Json } from "../../../src/shared/json.ts";
import { openSandbox } from "../../helpers/sandbox.ts";

const INPUT = { a: 1, items: [3, 1] };

test.each<[string, string, Json]>([
  ["main with the input alone", "def main(input):\n    return input['a']", 1],
  ["main with nothing", "def main():\n    return 'x'", "x"],
  ["main with the step before alone", "def main(prev):\n    return prev", 9],
  [
    "main with more defaults",
    "def main(input, prev, factor=2):\n    return input['a'] * factor",
    2,
  ],
  ["main with any arguments", "def main(*given):\n    return len(given)", 2],
  ["main that is called by the body", "def main(x):\n    return x['a'] + 1\nreturn main(input)", 2],
  ["a main guard", "def main(input):\n    return 5\nif __name__ == '__main__':\n    main(None)", 5],
  [
    "main run by asyncio",
    "import asyncio\nasync def main(input):\n    return 7\nasyncio.run(main({}))",
    7,
  ],
  [
    "asyncio.run in main",
    "import asyncio\nasync def f(x):\n    await asyncio.sleep(0.001)\n    return x\ndef main(input):\n    return asyncio.run(f(input['a']))",
    1,
  ],
  [
    "asyncio.run in a body",
    "import asyncio\nasync def f():\n    await asyncio.sleep(0.001)\n    return {'v': 3}\nreturn asyncio.run(f())['v']",
    3,
  ],
  [
    "asyncio.run in a helper that waits for nothing",
    "import asyncio\nasync def f():\n    return 4\ndef helper():\n    return asyncio.run(f())\nreturn helper()",
    4,
  ],
  [
    "star imports",
    "from math import *\nfrom itertools import *\nreturn [floor(pi), list(islice(count(), 2))]",
    [3, [0, 1]],
  ],
  [
    "names shared with functions",
    "n = 1\ndef up():\n    global n\n    n += 1\nup()\nup()\nreturn n",
    3,
  ],
  ["a byte order mark", "\ufeffreturn 1", 1],
  [
    "times",
    "import datetime as d\nreturn [d.date(2026, 1, 2), d.datetime(2026, 1, 2, tzinfo=d.timezone.utc)]",
    ["2026-01-02", "2026-01-02T00:00:00+00:00"],
  ],
  [
    "decimals",
    "from decimal import Decimal as D\nreturn [D('1.50'), D('2'), D('1E+3')]",
    [1.5, 2, 1000],
  ],
  [
    "sets, bytes, enums, dataclasses",
    "import dataclasses, enum\n@dataclasses.dataclass\nclass P:\n    x: int\nclass E(enum.Enum):\n    A = 'a'\nreturn [{3, 1, 2}, b'ab', E.A, P(1), (1, 2), range(2)]",
    [[1, 2, 3], "YWI=", "a", { x: 1 }, [1, 2], [0, 1]],
  ],
  ["generators", "return (x * 2 for x in input['items'])", [6, 2]],
])("runs Python with %s", async (_, code, expected) => {
  const outcome = await openSandbox().run(code, {
    runtime: "python",
    input: INPUT,
    prev: 9,
    timeoutMs: 20_000,
  });
  expect(outcome).toMatchObject({ kind: "ok", value: expected });
});

test.each([
  ["import requests", "no module named requests: proxy_fetch makes requests"],
  ["import numpy", "no module named numpy: the standard library is here, packages are not"],
  ["import zoneinfo\nzoneinfo.ZoneInfo('Europe/Berlin')", "use datetime.timezone with an offset"],
  ["return {'f': print}", "a builtin_function_or_method is no JSON"],
  [
    "import asyncio\ndef helper():\n    return asyncio.run(asyncio.sleep(1))\nreturn helper()",
    "make the function async, and await it",
  ],
])("says what to do instead of %j", async (code, message) => {
  const outcome = await openSandbox().run(code, { runtime: "python", timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ kind: "error", message: expect.stringContaining(message) });
});

test("gives a response and a request their usual names in Python", async () => {
  const asked: Json[] = [];
  const fetch: FetchHandler = async (request) => {
    asked.push(request);
    const status = asked.length === 1 ? 200 : 404;
    return {
      ok: true,
      response: { status, headers: { "content-type": "text/plain" }, body: '{"a":"é"}' },
    };
  };
  const code = `answer = await fetch("https://a.example/x", method="POST", json={"q": 1}, params={"p": 2}, timeout=5)
answer.raise_for_status()
missing = await fetch("https://a.example/y", method="POST", data=b"\\x00\\xff")
try:
    missing.raise_for_status()
    said = None
except Exception as error:
    said = str(error)
await fetch("https://a.example/z", method="POST", data={"a": "b c"}, headers={"X-A": "1"})
return [answer.ok, answer.status_code, answer.status, answer.text, answer.text(), answer.json(), answer.headers["Content-Type"],
        answer.headers.get("X-None"), len(answer.content), missing.ok, said, answer]`;
  const outcome = await openSandbox().run(code, { runtime: "python", timeoutMs: 20_000, fetch });
  const body = '{"a":"é"}';
  const first = { status: 200, headers: { "content-type": "text/plain" }, body };
  const value = [
    true,
    200,
    200,
    body,
    body,
    { a: "é" },
    "text/plain",
    null,
    10,
    false,
    "the answer has status 404",
    first,
  ];
  expect(outcome).toMatchObject({ kind: "ok", value });
  expect(asked).toEqual([
    ["https://a.example/x", { method: "POST", query: { p: 2 }, body: { q: 1 } }],
    ["https://a.example/y", { method: "POST", body: "AP8=", encoding: "base64" }],
    [
      "https://a.example/z",
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", "x-a": "1" },
        body: "a=b+c",
      },
    ],
  ]);
});

test("returns what Python prints only where it is wanted, with an error too", async () => {
  const code =
    "print('one', 2)\nimport sys\nprint('three', file=sys.stderr)\nraise ValueError('x')";
  const { run } = openSandbox();
  const traced = await run(code, { runtime: "python", timeoutMs: 20_000, traced: true });
  expect(traced).toMatchObject({
    kind: "error",
    message: "x",
    line: 4,
    printed: ["one 2", "three"],
  });
  expect(await run(code, { runtime: "python", timeoutMs: 20_000 })).not.toHaveProperty("printed");
});
