import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Runtime } from "../../src/domain/market/skill.ts";
import { NO_ISOLATION } from "../../src/sandbox/isolation.ts";
import type { FetchHandler, ScriptOutcome } from "../../src/sandbox/outcome.ts";
import { Sandbox, type SandboxOptions } from "../../src/sandbox/sandbox.ts";
import type { Json } from "../../src/shared/json.ts";
import type { Logger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { additionalData, Vault } from "../../storage/vault/envelope.ts";

export const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;
const vault = new Vault(new Secret(randomBytes(32)));
const OWNER = "test:1:code";

export interface RunOptions {
  readonly runtime?: Runtime;
  readonly input?: Json;
  readonly prev?: Json;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly fetch?: FetchHandler;
  readonly traced?: boolean;
}

export interface TestSandbox {
  readonly sandbox: Sandbox;
  run(code: string, options?: RunOptions): Promise<ScriptOutcome>;
}

/** Python's snapshot is made once for all tests of a run. */
const SNAPSHOT_HOME = join(tmpdir(), "stack-mcp-test-cache");

/** A data folder whose Python starts as fast as in one that has run Python before. */
export async function withSnapshot(home: string): Promise<string> {
  await openSandbox().sandbox.probe("python");
  const [from, to] = [join(SNAPSHOT_HOME, "cache"), join(home, "cache")];
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) linkSync(join(from, name), join(to, name));
  return home;
}

const refuses: FetchHandler = async () => ({
  ok: false,
  code: "EGRESS_DENIED",
  message: "nothing is in reach",
});

/** A real sandbox with code that is really sealed. */
export function openSandbox(options: Partial<SandboxOptions> = {}): TestSandbox {
  const sandbox = new Sandbox({ log: quiet, home: SNAPSHOT_HOME, ...options });
  onTestFinished(() => sandbox.close());
  return {
    sandbox,
    run(code, given = {}) {
      const {
        runtime = "javascript",
        input = {},
        prev = null,
        timeoutMs = 2_000,
        fetch = refuses,
        traced = false,
      } = given;
      const { signal = new AbortController().signal } = given;
      const envelope = vault.seal(OWNER, code);
      const sealed = {
        ciphertext: envelope.ciphertext,
        dataKey: vault.dataKey(OWNER, envelope),
        additionalData: additionalData(OWNER),
      };
      const texts = { input: JSON.stringify(input), prev: JSON.stringify(prev) };
      return sandbox.run({ runtime, code: sealed, ...texts, timeoutMs, traced, fetch }, signal);
    },
  };
}

/** One that starts this command in place of a child, with nothing around it. */
export function openSandboxOf(file: string, ...args: readonly string[]): TestSandbox {
  return openSandbox({ command: () => ({ file, args }), isolations: [NO_ISOLATION] });
}
