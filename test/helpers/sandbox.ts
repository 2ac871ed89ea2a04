import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { ChildCommand } from "../../src/sandbox/child-command.ts";
import type { ScriptOutcome } from "../../src/sandbox/outcome.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Json } from "../../src/shared/json.ts";
import type { Logger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { additionalData, Vault } from "../../storage/vault/envelope.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;
const vault = new Vault(new Secret(randomBytes(32)));
const OWNER = "test:1:code";

export interface TestSandbox {
  run(
    code: string,
    options?: { input?: Json; prev?: Json; timeoutMs?: number; signal?: AbortSignal },
  ): Promise<ScriptOutcome>;
}

/** A real sandbox with code that is really sealed. */
export function openSandbox(command?: ChildCommand): TestSandbox {
  const sandbox = command ? new Sandbox(quiet, () => command) : new Sandbox(quiet);
  onTestFinished(() => sandbox.close());
  return {
    run(code, { input = {}, prev = null, timeoutMs = 2_000, signal = new AbortController().signal } = {}) {
      const envelope = vault.seal(OWNER, code);
      const sealed = {
        ciphertext: envelope.ciphertext,
        dataKey: vault.dataKey(OWNER, envelope),
        additionalData: additionalData(OWNER),
      };
      return sandbox.run({ code: sealed, input, prev, timeoutMs }, signal);
    },
  };
}
