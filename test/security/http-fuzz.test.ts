import fc from "fast-check";
import { expect, test } from "vitest";
import { openApiDocument } from "../../src/operations/openapi.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { SCALE } from "../helpers/scale.ts";
import { send, startTestServer } from "../helpers/server.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
}

interface Described {
  readonly parameters: readonly {
    readonly name?: string;
    readonly in?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: Schema } };
  };
}

interface Generated {
  readonly line: string;
  readonly body: string | undefined;
  readonly headers: Record<string, string>;
}

const PREFIXES: Readonly<Record<string, string>> = { skill_id: "skl_", invocation_id: "sinv_" };
const REQUESTS = 2_000 * SCALE;
const OF_ONE_KEY = 500;

const HOSTILE = [
  "",
  " ",
  "0",
  "-1",
  "null",
  "__proto__",
  "constructor",
  "' or 1=1 --",
  "%00",
  "../../etc/passwd",
  "\u0000",
  "\ud800",
  "𝒳".repeat(40),
  "x".repeat(5_000),
  "[]",
  "{}",
  "true",
  "1e309",
  "9007199254740993",
  "skl_",
  "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx",
  "\r\nx: y",
  "<script>",
];

/** Values as a schema wants them, nearly, or not at all. */
function valueFor(schema: Schema, ids: readonly string[], depth = 0): fc.Arbitrary<unknown> {
  const hostile = fc.constantFrom<unknown>(...HOSTILE, null, -1, 1e21, true, [], {}, [[[]]], {
    __proto__: 1,
    a: { b: [] },
  });
  return fc.oneof(
    { weight: 30, arbitrary: fitting(schema, ids, depth) },
    { weight: 1, arbitrary: hostile },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

function fitting(schema: Schema, ids: readonly string[], depth: number): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const [first] = schema.anyOf ?? [];
  if (first) return fitting(first, ids, depth);
  switch (schema.type) {
    case "integer":
    case "number":
      return fc.integer({
        min: Math.max(schema.minimum ?? -10, -1_000),
        max: Math.min(schema.maximum ?? 10, 3_000),
      });
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valueFor(schema.items ?? {}, ids, depth + 1), { maxLength: 3 });
    case "object":
      return depth > 3 || !schema.properties
        ? fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 })
        : inputFor(schema, ids, depth);
    case "string":
      return fc.oneof(
        fc.constantFrom(...ids),
        fc.string(),
        fc.constantFrom("a-name", "1.0.0", "return {};"),
      );
    default:
      return fc.jsonValue();
  }
}

function inputFor(
  { properties = {}, required = [] }: Schema,
  ids: readonly string[],
  depth = 0,
): fc.Arbitrary<Record<string, unknown>> {
  const named = (name: string) =>
    ids.filter((id) => !name.endsWith("_id") || id.startsWith(PREFIXES[name] ?? ""));
  const fieldOf = ([name, schema]: [string, Schema]) =>
    [name, valueFor(schema, named(name), depth)] as const;
  const fields = Object.fromEntries(Object.entries(properties).map(fieldOf));
  const most = Object.keys(fields).filter((name) => required.includes(name));
  const whole = fc.record(fields, { requiredKeys: most });
  return fc.oneof(
    { weight: 9, arbitrary: whole },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  );
}

function requestFor(
  method: string,
  path: string,
  described: Described,
  ids: readonly string[],
): fc.Arbitrary<Generated> {
  const inPath = described.parameters.filter((parameter) => parameter.in === "path");
  const inQuery = described.parameters.filter((parameter) => parameter.in === "query");
  const schema = described.requestBody?.content["application/json"].schema ?? {};
  return fc
    .record({
      path: fc.tuple(
        ...inPath.map(({ name }) =>
          fc.oneof(
            {
              weight: 12,
              arbitrary: fc.constantFrom(
                ...ids.filter((id) => id.startsWith(PREFIXES[String(name)] ?? "")),
              ),
            },
            { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
            { weight: 1, arbitrary: fc.string() },
          ),
        ),
      ),
      query: inputFor(
        {
          properties: Object.fromEntries(
            inQuery.map(({ name, schema: one }) => [String(name), one ?? {}]),
          ),
        },
        ids,
      ),
      extra: fc.oneof(
        { weight: 12, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.tuple(fc.string(), fc.string()) },
      ),
      body: fc.oneof(
        { weight: 20, arbitrary: inputFor(schema, ids).map((input) => JSON.stringify(input)) },
        { weight: 1, arbitrary: fc.string() },
      ),
      key: fc.option(
        fc.constantFrom(
          ...HOSTILE.filter((text) => /^[\x20-\x7e]*$/.test(text) && text.length < 300),
        ),
        {
          freq: 8,
        },
      ),
    })
    .map(({ path: values, query, extra, body, key }) => {
      const names = [...values];
      const filled = path.replace(/\{\w+\}/g, () => encode(names.shift()));
      const pairs = [...Object.entries(query), ...(extra ? [extra] : [])].map(
        ([name, value]) => `${encode(name)}=${encode(value)}`,
      );
      const isBody = method === "POST" || method === "PATCH";
      return {
        line: `${method} ${filled}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`,
        body: isBody ? body : undefined,
        headers: (key === null ? {} : { "idempotency-key": key.trim() }) as Record<string, string>,
      };
    });
}

/** In a URL; what is no text is JSON, half characters are replaced. */
function encode(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(text.toWellFormed()) || "%20";
}

test(
  "answers two thousand requests made from its document without a 500 or a word of its insides",
  async () => {
    const server = await startTestServer();
    const keys = [server.localKey];
    for (let i = 0; i < REQUESTS / OF_ONE_KEY; i++)
      keys.push(
        await server.createOperator(`operator-${i}`, {
          fundCents: 100_000,
          claimTypes: ["verified_human"],
        }),
      );
    const offers = [
      openSkill(),
      sealedScript("return {};"),
      sealedScript("return {};", {
        name: "open-book",
        execution_mode: "source",
        price_per_invocation: 0,
      }),
    ];
    const ids: string[] = ["skl_01jcyxxxxxxxxxxxxxxxxxxxxx"];
    for (const body of offers) {
      const { body: skill } = await send(server, "POST /v1/skills", { key: server.localKey, body });
      const { body: bought } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
        key: keys[1] ?? "",
        body: { input: {}, wait_ms: 0 },
      });
      ids.push(String(skill.id), String(bought.id));
    }
    const document = openApiDocument(OPERATIONS) as {
      paths: Record<string, Record<string, Described>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) =>
        requestFor(method.toUpperCase(), path, described, ids),
      ),
    );
    const requests = fc.sample(fc.oneof(...routes), { numRuns: REQUESTS, seed: 20_261_121 });
    const statuses = new Map<number, number>();
    for (const [index, { line, body, headers }] of requests.entries()) {
      const key = keys[Math.floor(index / OF_ONE_KEY) + 1] ?? "";
      // Nothing here waits: what a run comes to is for other tests.
      const answer = await send(server, line, {
        key,
        headers,
        ...(body === undefined ? {} : { body: body.replace(/"wait_ms":\d+/, '"wait_ms":0') }),
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect([line, body, answer.status]).not.toEqual([line, body, 500]);
      expect(answer.text).not.toMatch(/node_modules|\.ts:\d+|SQLITE|\bat [\w.]+ \(|file:\/\//);
      expect(answer.headers.get("content-type")).toContain("application/json");
      if (answer.status >= 400) expect(answer.text).toContain('"code"');
    }
    expect(statuses.get(500)).toBeUndefined();
    expect(statuses.get(429)).toBeUndefined();
    // Enough of them get far enough.
    expect((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0)).toBeGreaterThan(300);
    expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
    expect(
      (await server.app.services.audit.verify()).filter(({ problem }) => problem !== undefined),
    ).toEqual([]);
    expect(
      server.logged.filter(
        (line) => line.includes("a request failed") || line.includes("an operation failed"),
      ),
    ).toEqual([]);
  },
  120_000 * SCALE,
);
