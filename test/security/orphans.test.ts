import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { GuestChild } from "../../src/sandbox/child.ts";
import { childCommand, defaultGuestFolder } from "../../src/sandbox/child-command.ts";
import { candidateIsolations, layersOf } from "../../src/sandbox/isolation.ts";

const guest = defaultGuestFolder();

test.each([
  ["loops", "for (;;);"],
  [
    "is in native code that does not come back",
    "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
  ],
])("kills a guest that %s when its server goes", async (_, code) => {
  const { file, args } = childCommand({ runtime: "javascript" });
  // A shell in between dies as a server dies by SIGKILL: the child's only news of it is the end of
  // its input.
  const child = spawn(file, args, { env: {}, stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const job = Buffer.from(
    JSON.stringify({ type: "run", ...sealed(code), input: "{}", prev: "null", timeoutMs: 60_000 }),
  );
  const head = Buffer.alloc(4);
  head.writeUInt32LE(job.length);
  child.stdin.end(Buffer.concat([head, job]));
  const signal = await new Promise((resolve) => child.on("exit", (_code, by) => resolve(by)));
  expect(signal).toBe("SIGKILL");
});

describe.each(
  candidateIsolations().map((isolation) => [layersOf(isolation).join(" + "), isolation] as const),
)("with %s", (_, isolation) => {
  test("leaves nothing behind of a child that is killed while it starts", async () => {
    const guestFolder = mkdtempSync(join(tmpdir(), "stack-mcp-guest-"));
    onTestFinished(() => rmSync(guestFolder, { recursive: true, force: true }));
    cpSync(guest, guestFolder, { recursive: true });
    chmodSync(guestFolder, 0o755);
    const closed = [];
    for (let ms = 0; ms < 20; ms++) {
      const child = new GuestChild(
        "javascript",
        childCommand({ runtime: "javascript", isolation, guestFolder }),
        isolation,
      );
      await delay(ms * 3);
      child.kill();
      closed.push(child.closed);
    }
    await Promise.all(closed);
    await expect.poll(() => processesNaming(guestFolder), { timeout: 20_000 }).toEqual([]);
  });
});

function processesNaming(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text);
      } catch {
        return false;
      }
    });
}

/** The code under a key of its own, as the vault seals it. */
function sealed(code: string) {
  const script = `const c = require("node:crypto"), k = c.randomBytes(32), iv = c.randomBytes(12);
    const x = c.createCipheriv("aes-256-gcm", k, iv).setAAD(Buffer.from("a"));
    const text = Buffer.concat([iv, x.update(process.argv[1]), x.final(), x.getAuthTag()]).toString("base64");
    console.log(JSON.stringify({ code: { ciphertext: text, dataKey: k.toString("base64"), additionalData: "a" } }));`;
  return JSON.parse(
    execFileSync(process.execPath, ["-e", script, code], { encoding: "utf8" }),
  ) as object;
}
