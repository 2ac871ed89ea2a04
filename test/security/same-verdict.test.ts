import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCEPT, envelopeOf, VERSION } from "../helpers/mcp-wire.ts";
import { SCALE } from "../helpers/scale.ts";
import { send, startTestServer, type TestServer } from "../helpers/server.ts";
import { openSkill } from "../helpers/skills.ts";

const CASES = 250 * SCALE;
const OF_ONE_KEY = 100;

const number = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1e400",
    "-1e400",
    "1e21",
    "9007199254740991",
    "9007199254740992",
    "-9007199254740993",
  ),
  fc.constantFrom("12345678901234567890123", "1e308", "5e-324", "19.99", "0.1"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
);
const text = fc.oneof(
  fc.constantFrom('"\\ud800"', '"a\\udfffb"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\u202e"', '""'),
  fc.string({ unit: "binary", maxLength: 20 }).map((value) => JSON.stringify(value)),
);
const deep = fc
  .integer({ min: 1, max: 400 })
  .map((levels) => `${"[".repeat(levels)}${"]".repeat(levels)}`);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    text,
    deep,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(text, tie("value")), { maxLength: 3 })
      .map((fields) => `{${fields.map((f) => f.join(":")).join()}}`),
  ),
}));
const input = fc.array(
  fc.tuple(fc.constantFrom('"n"', '"text"', '"\\ud83d"', '"__proto__"'), value),
  { maxLength: 3 },
);

interface Verdict {
  readonly code: string;
  readonly path: unknown;
}

/** An error as a code and the path it names. */
function refusal(error: {
  code: string;
  details?: { issues?: { path: string }[]; field?: string };
}): Verdict {
  return { code: error.code, path: error.details?.issues?.[0]?.path ?? error.details?.field };
}

async function overRest(
  server: TestServer,
  key: string,
  line: string,
  body: string,
): Promise<[Verdict, string]> {
  const answer = await send(server, line, { key, body });
  const { error, obstacles } = answer.body as { error?: never; obstacles?: never[] };
  const first = error ?? obstacles?.[0];
  return [first ? refusal(first) : { code: "accepted", path: undefined }, answer.text];
}

async function overMcp(
  server: TestServer,
  key: string,
  skill: string,
  given: string,
): Promise<[Verdict, string]> {
  const meta = JSON.stringify(envelopeOf());
  const args = `{"skill_id":"${skill}","input":${given},"wait_ms":0,"repeat":true}`;
  const params = `{"name":"stack_invoke_skill","arguments":${args},"_meta":${meta}}`;
  const headers = {
    ...ACCEPT,
    "mcp-protocol-version": VERSION,
    "mcp-method": "tools/call",
    "mcp-name": "stack_invoke_skill",
  };
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
  const answer = await send(server, "POST /mcp", { key, headers, body });
  const message = JSON.parse(answer.text.slice(answer.text.indexOf("{")));
  expect(message.result, answer.text).toBeDefined();
  const { isError, content } = message.result;
  const verdict = isError
    ? refusal(JSON.parse(content[0].text.split("\n")[1]).error)
    : { code: "accepted", path: undefined };
  return [verdict, answer.text];
}

/** Every text in it, keys included. */
function* textsIn(json: unknown): Generator<string> {
  if (typeof json === "string") yield json;
  if (typeof json !== "object" || json === null) return;
  for (const [key, inner] of Object.entries(json)) {
    yield key;
    yield* textsIn(inner);
  }
}

test(
  "gives any JSON one verdict, at one place, by REST, MCP and quote, well formed, never INTERNAL",
  async () => {
    const server = await startTestServer();
    const draft = openSkill({ price_per_invocation: 0, output_schema: true });
    const { body } = await send(server, "POST /v1/skills", { key: server.localKey, body: draft });
    const skill = String(body.id);
    const keys = await Promise.all(
      Array.from({ length: Math.ceil(CASES / OF_ONE_KEY) }, (_, i) =>
        server.createOperator(`buyer-${i}`),
      ),
    );
    const codes = new Set<string>();
    for (const [index, fields] of fc
      .sample(input, { numRuns: CASES, seed: 20_261_126 })
      .entries()) {
      const key = keys[Math.floor(index / OF_ONE_KEY)] ?? "";
      const given = `{${fields.map((field) => field.join(":")).join()}}`;
      const path = `POST /v1/skills/${skill}`;
      const answers = [
        await overRest(
          server,
          key,
          `${path}/invoke`,
          `{"input":${given},"wait_ms":0,"repeat":true}`,
        ),
        await overRest(server, key, `${path}/quote`, `{"input":${given}}`),
        await overMcp(server, key, skill, given),
      ];
      const [first] = answers;
      for (const [verdict, told] of answers) {
        expect([given, verdict]).toEqual([given, first?.[0]]);
        const json = JSON.parse(told.slice(told.indexOf("{")));
        for (const one of textsIn(json)) expect(one.isWellFormed(), told).toBe(true);
      }
      codes.add(first?.[0].code ?? "");
    }
    expect([...codes].sort()).toEqual(["INVALID_REQUEST", "accepted"]);
  },
  120_000 * SCALE,
);
