import { createHash, createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { URL as Standard } from "whatwg-url";
import type { FetchHandler } from "../../../src/sandbox/outcome.ts";
import type { Json } from "../../../src/shared/json.ts";
import { openTestApp } from "../../helpers/app.ts";
import { openSandbox } from "../../helpers/sandbox.ts";
import { sealedScript } from "../../helpers/skills.ts";

async function outputOf(code: string, input: Json = {}, fetch?: FetchHandler): Promise<Json> {
  const outcome = await openSandbox().run(code, {
    input,
    timeoutMs: 20_000,
    ...(fetch ? { fetch } : {}),
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: "ok" });
  return outcome.kind === "ok" ? outcome.value : null;
}

test("computes the digests and signatures that Node does, on random inputs", async () => {
  const samples = Array.from({ length: 60 }, (_, i) => ({
    key: randomBytes(1 + ((i * 7) % 150)).toString("base64"),
    data: randomBytes(i < 50 ? i * 13 : 70_000).toString("base64"),
  }));
  const code = `const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
    const out = [];
    for (const { key, data } of $INPUT.samples) for (const hash of ["SHA-1", "SHA-256", "SHA-384", "SHA-512"]) {
      const k = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash }, false, ["sign", "verify"]);
      const signature = await crypto.subtle.sign("HMAC", k, bytes(data));
      const holds = await crypto.subtle.verify("HMAC", k, signature, bytes(data));
      const broken = await crypto.subtle.verify("HMAC", k, signature.slice(1), bytes(data));
      out.push([hex(await crypto.subtle.digest(hash, bytes(data))), hex(signature), holds, broken]);
    }
    return out;`;
  const expected = samples.flatMap(({ key, data }) =>
    ["sha1", "sha256", "sha384", "sha512"].map((hash) => [
      createHash(hash).update(Buffer.from(data, "base64")).digest("hex"),
      createHmac(hash, Buffer.from(key, "base64"))
        .update(Buffer.from(data, "base64"))
        .digest("hex"),
      true,
      false,
    ]),
  );
  expect(await outputOf(code, { samples })).toEqual(expected);
});

const PARTS = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

/**
 * The same ones each time: on letters that no version of Unicode has yet, Node and the standard
 * may differ.
 */
const SAMPLES = { numRuns: 400, seed: 7 };

test("parses and changes URLs as the standard says", async () => {
  const given = fc.sample(
    fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
    SAMPLES,
  );
  const fixed = [
    "HTTP://ÄÖ.example:80/a/../b?x=ü#é",
    "file:///C|/x",
    "https://[::1]:8443/",
    "http://1.256",
    "data:a,b",
    "//x",
  ];
  const changes = fc.sample(
    fc.tuple(fc.constantFrom(...PARTS.slice(1)), fc.string({ unit: "binary" })),
    SAMPLES,
  );
  const cases = [...fixed, ...given].map(
    (url, i) => [url, ...(changes[i % changes.length] ?? ["hash", "x"])] as const,
  );
  const read = (url: string, part: string, value: string) => {
    if (!Standard.canParse(url, "https://base.example/d/")) return null;
    const made = new Standard(url, "https://base.example/d/");
    (made as unknown as Record<string, string>)[part] = value;
    made.searchParams.append("a b", "ü&");
    return [...PARTS.map((name) => made[name]), [...made.searchParams]];
  };
  const wellFormed = cases.map(
    ([url, part, value]) => [url.toWellFormed(), part, value.toWellFormed()] as const,
  );
  const code = `const PARTS = ${JSON.stringify(PARTS)};
    return $INPUT.cases.map(([url, part, value]) => {
      if (!URL.canParse(url, "https://base.example/d/")) return null;
      const made = new URL(url, "https://base.example/d/");
      made[part] = value;
      made.searchParams.append("a b", "ü&");
      return [...PARTS.map((name) => made[name]), [...made.searchParams]];
    });`;
  const expected = wellFormed.map(([url, part, value]) => read(url, part, value));
  expect(await outputOf(code, { cases: wellFormed } as unknown as Json)).toEqual(expected);
});

test("gives texts, copies, timers and signals their usual behaviour", async () => {
  const code = `const log = [];
    const map = new Map([["k", new Set([1n < 2n])]]);
    const loop = { map, date: new Date(7), bytes: new Uint8Array([1, 2]), error: new RangeError("r") };
    loop.self = loop;
    const copy = structuredClone(loop);
    let refused;
    try { structuredClone({ f() {} }); } catch (error) { refused = error.name; }
    const timer = setInterval(() => log.push("tick"), 5);
    await new Promise((resolve) => setTimeout(resolve, 60));
    clearInterval(timer);
    queueMicrotask(() => log.push("micro"));
    await null;
    const limit = AbortSignal.timeout(10);
    await new Promise((resolve) => limit.addEventListener("abort", resolve));
    const form = new URLSearchParams({ a: "1", b: "ü" });
    form.sort();
    return {
      same: copy.self === copy && copy !== loop && copy.map.get("k").has(true),
      kinds: [copy.date.getTime(), [...copy.bytes], copy.error instanceof RangeError],
      refused,
      ticks: log.filter((one) => one === "tick").length > 2,
      micro: log.includes("micro"),
      reason: limit.reason.name,
      text: new TextDecoder().decode(new TextEncoder().encode("aé€😀")),
      latin: new TextDecoder("windows-1252").decode(new Uint8Array([0x80])),
      fatal: (() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])); } catch { return true; } })(),
      base64: [btoa("h\\xe9"), atob("aGk=")],
      form: form.toString(),
    };`;
  expect(await outputOf(code)).toEqual({
    same: true,
    kinds: [7, [1, 2], true],
    refused: "DataCloneError",
    ticks: true,
    micro: true,
    reason: "TimeoutError",
    text: "aé€😀",
    latin: "€",
    fatal: true,
    base64: ["aOk=", "hi"],
    form: "a=1&b=%C3%BC",
  });
});

test("gives each run randomness of its own", async () => {
  const code = `return [crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(16))].join()];`;
  const runs = await Promise.all([outputOf(code), outputOf(code), outputOf(code)]);
  expect(new Set(runs.flat()).size).toBe(6);
  expect(String((runs[0] as string[])[0])).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("gives a Response its everyday methods, and sends bytes as bytes", async () => {
  const asked: Json[] = [];
  const fetch: FetchHandler = async (request) => {
    asked.push(request);
    const headers = { "content-type": "application/json", "x-n": "1" };
    return { ok: true, response: { status: 201, headers, body: '{"a":"é"}' } };
  };
  const code = `const answer = await fetch(new URL("https://a.example/x"), {
      method: "POST", headers: new Headers({ "X-A": 1 }), body: new Uint8Array([0, 255]), signal: AbortSignal.timeout(5000) });
    await fetch("https://a.example/", { method: "POST", body: new URLSearchParams({ q: "a b" }) });
    let stopped;
    try { await fetch("https://a.example/", { signal: AbortSignal.abort() }); } catch (error) { stopped = error.name; }
    const bytes = await answer.clone().arrayBuffer();
    return { answer, ok: answer.ok, type: answer.headers.get("Content-Type"), has: answer.headers.has("X-N"),
      list: [...answer.headers.entries()], plain: answer.headers["x-n"], json: await answer.json(), bytes: bytes.byteLength, stopped };`;
  expect(await outputOf(code, {}, fetch)).toEqual({
    answer: {
      status: 201,
      headers: { "content-type": "application/json", "x-n": "1" },
      body: '{"a":"é"}',
    },
    ok: true,
    type: "application/json",
    has: true,
    list: [
      ["content-type", "application/json"],
      ["x-n", "1"],
    ],
    plain: "1",
    json: { a: "é" },
    bytes: 10,
    stopped: "AbortError",
  });
  expect(asked).toEqual([
    [
      "https://a.example/x",
      { method: "POST", headers: { "x-a": "1" }, body: "AP8=", encoding: "base64" },
    ],
    [
      "https://a.example/",
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "q=a+b",
      },
    ],
  ]);
});

test("shows what a script prints to the author who tries it, and nowhere else", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const code = 'console.log("seen", { a: 1 }, new TypeError("t")); return { text: $INPUT.text };';
  const draft = sealedScript(code, { name: "chatty" });
  const tested = await seller.ok<{ steps: object[] }>("stack_test_skill", {
    ...draft,
    input: { text: "x" },
  });
  expect(tested.steps[0]).toMatchObject({ ok: true, printed: ['seen {"a":1} TypeError: t'] });
  const { id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id: id,
    input: { text: "x" },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { text: "x" } });
  expect(JSON.stringify(run)).not.toContain("seen");
  const many = await seller.ok<{ ok: boolean; steps: { printed: string[] }[] }>(
    "stack_test_skill",
    {
      ...sealedScript('for (let i = 0; i < 5000; i++) console.log("x".repeat(3000)); return {};'),
      input: { text: "x" },
    },
  );
  expect(many).toMatchObject({ ok: true });
  expect(many.steps[0]?.printed).toHaveLength(200);
});

test.each([
  ["require('fs')", "require is not defined: a script has no packages"],
  ["process.env.X", "process is not defined: a script has no environment"],
  ["Buffer.from('a')", "Buffer is not defined: Uint8Array"],
  ["nothing()", /^nothing is not defined$/],
])("says what to use instead of %s", async (code, message) => {
  const outcome = await openSandbox().run(`return ${code};`);
  expect(outcome).toMatchObject({ kind: "error", message: expect.stringMatching(message) });
});
