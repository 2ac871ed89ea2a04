import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/config.ts";
import { stdioCredential } from "../../../src/config/credential.ts";
import { DomainError } from "../../../src/shared/errors.ts";
import { Secret } from "../../../src/shared/secret.ts";
import { makeHome } from "../../helpers/home.ts";

function problemOf(environment: Record<string, string>): string {
  try {
    loadConfig({ STACK_HOME: makeHome(), ...environment });
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    return (error as Error).message;
  }
  return "";
}

test("lists problems of the environment, of config.json and of its secrets together", () => {
  const home = makeHome();
  const stripe = { secret_key_env: "KEY_A", webhook_secret_env: "KEY_B" };
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ payments: { topups: "stripe", stripe } }),
  );
  const message = problemOf({
    STACK_HOME: home,
    STACK_PUBLIC_URL: "stack.example",
    STACK_LOG: "loud",
  });
  for (const told of [
    "STACK_PUBLIC_URL is not an http(s) URL",
    "STACK_LOG",
    "names the variable KEY_A",
    "names the variable KEY_B",
  ])
    expect(message).toContain(told);
  writeFileSync(join(home, "config.json"), '{"reviews": "manual", "retention_day": 3}');
  const unknown = problemOf({ STACK_HOME: home, STACK_LOG: "loud" });
  for (const told of [
    "reviews is not a known key; the nearest is review (",
    "the nearest is retention_days",
    "STACK_LOG",
  ])
    expect(unknown).toContain(told);
});

test("reports every problem of the environment at once", () => {
  const message = problemOf({
    STACK_SANDBOX_SLOTS: "many",
    STACK_LOG: "loud",
    STACK_MASTER_KEY: "short",
  });
  for (const name of ["STACK_SANDBOX_SLOTS", "STACK_LOG", "STACK_MASTER_KEY"])
    expect(message).toContain(name);
});

test.each([
  [{ STACK_MCP_FOO: "1" }, /STACK_MCP_FOO is not a name/],
  [{ STACK_READ_ONLY: "perhaps" }, /STACK_READ_ONLY can only be 1, 0, true or false/],
  [{ STACK_PUBLIC_URL: "https://example.com/path" }, /STACK_PUBLIC_URL has a path/],
  [{ STACK_PUBLIC_URL: "nonsense" }, /STACK_PUBLIC_URL is not an http\(s\) URL/],
  [
    { STACK_ALLOWED_HOSTS: "a.example,b.example:80" },
    /STACK_ALLOWED_HOSTS names something that is not a host name/,
  ],
  [{ STACK_STEP_TIMEOUT_MS: "30001" }, /between 100 and 30000/],
  [{ OPENAI_BASE_URL: "ftp://x" }, /OPENAI_BASE_URL/],
  [{ STACK_LLM_FALLBACK: "gpt" }, /stand-in/],
  [{ STACK_HOME: "relative/folder" }, /STACK_HOME must be an absolute path/],
])("rejects the environment %j", (environment, reason) => {
  expect(problemOf(environment)).toMatch(reason);
});

test("warns of an unknown STACK_ name, with the nearest known one", () => {
  const config = loadConfig({ STACK_HOME: makeHome(), STACK_API_KEYS: "x", STACK_ROOT: "/x" });
  expect(config.warnings[0]).toContain(
    "STACK_API_KEYS is not a variable of this program; the nearest is STACK_API_KEY",
  );
  const [far = ""] = loadConfig({ STACK_HOME: makeHome(), STACK_WIBBLE_WOBBLE: "x" }).warnings;
  expect(far).not.toContain("nearest");
  expect(far).toContain("`stack-mcp config print` lists");
});

test("places a home below ~ where a shell would put it", () => {
  expect(loadConfig({ STACK_HOME: "~/market" }).home).toBe(join(homedir(), "market"));
});

test("treats an empty variable as unset", () => {
  expect(loadConfig({ STACK_HOME: makeHome(), STACK_API_KEY: "" }).apiKey).toBeUndefined();
});

test("reads providers from the host's file, and names a file that is wrong", () => {
  const home = makeHome();
  const file = join(home, "config.json");
  writeFileSync(
    file,
    JSON.stringify({
      providers: { local: { base_url: "http://127.0.0.1:1/v1", api_key_env: "LOCAL_KEY" } },
    }),
  );
  const config = loadConfig({ STACK_HOME: home, LOCAL_KEY: "k" });
  expect(config.providers.map((provider) => provider.name)).toEqual(["openai", "local"]);
  expect(config.providers[1]?.apiKey?.reveal()).toBe("k");
  writeFileSync(file, '{"providers":{"local":{"base_url":"nope"}}}');
  expect(() => loadConfig({ STACK_HOME: home })).toThrow(/config\.json/);
});

test("shows a secret nowhere", () => {
  const secret = new Secret("hush");
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain("hush");
});

test("takes the caller over stdio from the variable, then the file, then the local one", () => {
  const home = makeHome();
  expect(stdioCredential(loadConfig({ STACK_HOME: home }))).toEqual({ kind: "local" });
  const file = join(home, "credentials.json");
  writeFileSync(file, '{"api_key":"from-file"}');
  expect(stdioCredential(loadConfig({ STACK_HOME: home }))).toMatchObject({
    kind: "bearer",
    source: file,
  });
  const both = stdioCredential(loadConfig({ STACK_HOME: home, STACK_API_KEY: "from-env" }));
  expect(both).toMatchObject({ kind: "bearer", source: "STACK_API_KEY" });
  writeFileSync(file, "{}");
  expect(() => stdioCredential(loadConfig({ STACK_HOME: home }))).toThrow(
    /credentials\.json is not of the form/,
  );
});

const KEY_NAMES = [
  "STACK_API_KEY",
  "STACK_MASTER_KEY",
  "OPENAI_API_KEY",
  "LOCAL_KEY",
  "STRIPE_SECRET_KEY",
] as const;

/** A host that has a provider and a processor, each with a key of its own. */
function hostWith(environment: Record<string, string>) {
  const home = makeHome();
  const providers = { local: { base_url: "http://127.0.0.1:1/v1", api_key_env: "LOCAL_KEY" } };
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ providers, payments: { topups: "stripe", stripe: {} } }),
  );
  const set = { STRIPE_SECRET_KEY: "sk_test_1", STRIPE_WEBHOOK_SECRET: "whsec_1" };
  return () => loadConfig({ STACK_HOME: home, ...set, ...environment });
}

test.each(KEY_NAMES)(
  "drops blanks around %s, and names what can be no key at the start",
  (name) => {
    const right = name === "STACK_MASTER_KEY" ? "ab".repeat(32) : "sk_live_1";
    const config = hostWith({ [name]: `  ${right}\n` })();
    const kept = [
      config.apiKey,
      config.masterKey,
      ...config.providers.map(({ apiKey }) => apiKey),
      config.payments?.stripe?.secretKey,
    ];
    expect(kept.map((secret) => secret?.reveal())).toContain(right);
    const wrong = [
      `"${right}"`,
      `'${right}'`,
      `Bearer ${right}`,
      `sk live`,
      `sk\nlive`,
      "$" + "{MY_KEY}",
      "$MY_KEY",
      "sk_\u200blive",
      "clé",
    ];
    for (const value of wrong) {
      const refused = hostWith({ [name]: value });
      expect(refused, value).toThrow(new RegExp(`${name} (?:is|begins|has)`));
      expect(refused, value).not.toThrow(value);
    }
  },
);

test("checks a key in credentials.json in the same way", () => {
  const home = makeHome();
  const keyOf = (api_key: string) => {
    writeFileSync(join(home, "credentials.json"), JSON.stringify({ api_key }));
    return stdioCredential(loadConfig({ STACK_HOME: home }));
  };
  const kept = keyOf(" sk_live_op_1\n");
  expect(kept.kind === "bearer" && kept.token.reveal()).toBe("sk_live_op_1");
  expect(() => keyOf("Bearer sk_live_op_1")).toThrow(
    /credentials\.json: api_key begins with Bearer/,
  );
});

test.each<[string, RegExp]>([
  [
    '{"cors_origins":["nonsense"]}',
    /is not usable: \S+config\.json: cors_origins\.0 must be an http/,
  ],
  ['{"cors_origins":["https://a.example/path"]}', /cors_origins\.0 must be an origin/],
  ['{"payments":{"topups":"stripe","stripe":{"base_url":"x"}}}', /payments\.stripe\.base_url/],
  ['{"review":"never"}', /review/],
  ["{", /is not valid JSON: .*position 1/],
  ['{"review": "both"}', /review must be "auto" or "manual"/],
  ['{"retention_days": "x"}', /retention_days must be a number/],
  ['{"providers": {"my llm": {}}}', /providers\.my llm/],
])("tells in one line file and field of a config.json of %s", (text, reason) => {
  const home = makeHome();
  writeFileSync(join(home, "config.json"), text);
  const message = problemOf({ STACK_HOME: home });
  expect(message).toMatch(reason);
  expect(message).not.toContain("\n");
});

test("reads config.json whatever editor wrote it, and names one that is no UTF-8", () => {
  const home = makeHome();
  const path = join(home, "config.json");
  writeFileSync(path, '\ufeff{"review":"manual"}\r\n');
  expect(loadConfig({ STACK_HOME: home }).review).toBe("manual");
  writeFileSync(path, Buffer.from('{"review":"\xe9"}', "latin1"));
  expect(problemOf({ STACK_HOME: home })).toMatch(/config\.json is not UTF-8/);
});
