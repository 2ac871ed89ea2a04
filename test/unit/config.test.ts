import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { stdioCredential } from "../../src/config/credential.ts";
import { DomainError } from "../../src/shared/errors.ts";
import { Secret } from "../../src/shared/secret.ts";
import { makeHome } from "../helpers/home.ts";

function problemOf(environment: Record<string, string>): string {
  try {
    loadConfig({ STACK_HOME: makeHome(), ...environment });
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    return (error as Error).message;
  }
  return "";
}

test("every problem of the environment is reported at once", () => {
  const message = problemOf({ STACK_SANDBOX_SLOTS: "many", STACK_LOG: "loud", STACK_MASTER_KEY: "short" });
  for (const name of ["STACK_SANDBOX_SLOTS", "STACK_LOG", "STACK_MASTER_KEY"]) expect(message).toContain(name);
});

test.each([
  [{ STACK_MCP_FOO: "1" }, /STACK_MCP_FOO is not a name/],
  [{ STACK_READ_ONLY: "perhaps" }, /STACK_READ_ONLY can only be 1, 0, true or false/],
  [{ STACK_PUBLIC_URL: "https://example.com/path" }, /STACK_PUBLIC_URL has a path/],
  [{ STACK_ALLOWED_HOSTS: "a.example,b.example:80" }, /STACK_ALLOWED_HOSTS names something that is not a host name/],
  [{ STACK_STEP_TIMEOUT_MS: "30001" }, /between 100 and 30000/],
  [{ OPENAI_BASE_URL: "ftp://x" }, /OPENAI_BASE_URL/],
  [{ STACK_LLM_FALLBACK: "gpt" }, /stand-in/],
  [{ STACK_HOME: "relative/folder" }, /STACK_HOME must be an absolute path/],
])("the environment %j is refused", (environment, reason) => {
  expect(problemOf(environment)).toMatch(reason);
});

test("an unknown STACK_ name is only warned about, with the nearest known one", () => {
  const config = loadConfig({ STACK_HOME: makeHome(), STACK_API_KEYS: "x", STACK_ROOT: "/x" });
  expect(config.warnings[0]).toContain(
    "STACK_API_KEYS is not a variable of this program; the nearest is STACK_API_KEY",
  );
});

test("a home below ~ is where a shell would put it", () => {
  expect(loadConfig({ STACK_HOME: "~/market" }).home).toBe(join(homedir(), "market"));
});

test("an empty variable counts as unset", () => {
  expect(loadConfig({ STACK_HOME: makeHome(), STACK_API_KEY: "" }).apiKey).toBeUndefined();
});

test("providers of the host's file are read, and a file that is wrong is named", () => {
  const home = makeHome();
  const file = join(home, "config.json");
  writeFileSync(
    file,
    JSON.stringify({ providers: { local: { base_url: "http://127.0.0.1:1/v1", api_key_env: "LOCAL_KEY" } } }),
  );
  const config = loadConfig({ STACK_HOME: home, LOCAL_KEY: "k" });
  expect(config.providers.map((provider) => provider.name)).toEqual(["openai", "local"]);
  expect(config.providers[1]?.apiKey?.reveal()).toBe("k");
  writeFileSync(file, '{"providers":{"local":{"base_url":"nope"}}}');
  expect(() => loadConfig({ STACK_HOME: home })).toThrow(/config\.json/);
});

test("a secret shows itself nowhere", () => {
  const secret = new Secret("hush");
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain("hush");
});

test("the caller over stdio: the variable, then the file, then the local operator", () => {
  const home = makeHome();
  expect(stdioCredential(loadConfig({ STACK_HOME: home }))).toEqual({ kind: "local" });
  const file = join(home, "credentials.json");
  writeFileSync(file, '{"api_key":"from-file"}');
  expect(stdioCredential(loadConfig({ STACK_HOME: home }))).toMatchObject({ kind: "bearer", source: file });
  const both = stdioCredential(loadConfig({ STACK_HOME: home, STACK_API_KEY: "from-env" }));
  expect(both).toMatchObject({ kind: "bearer", source: "STACK_API_KEY" });
  writeFileSync(file, "{}");
  expect(() => stdioCredential(loadConfig({ STACK_HOME: home }))).toThrow(/credentials\.json is not of the form/);
});
