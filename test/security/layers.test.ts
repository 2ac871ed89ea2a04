import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { RUNTIMES } from "../../src/domain/market/skill.ts";
import { childCommand } from "../../src/sandbox/child-command.ts";
import {
  candidateIsolations,
  type Isolation,
  innermost,
  layersOf,
  NO_ISOLATION,
} from "../../src/sandbox/isolation.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import { killWhole, spawnChild } from "../../src/sandbox/spawn-child.ts";
import { makeHome, testEnv } from "../helpers/home.ts";
import { listen } from "../helpers/http-server.ts";
import { programPath } from "../helpers/program.ts";
import { openSandbox, quiet } from "../helpers/sandbox.ts";

const escaped = fileURLToPath(new URL("../fixtures/escaped/", import.meta.url));
const nameOf = (isolation: Isolation) => layersOf(isolation).join(" + ") || "nothing";

/** The attempts of a guest that broke out of its isolate and into Node. */
async function tryAll(isolation: Isolation): Promise<Record<string, string>> {
  const port = await listen(createServer((_request, response) => void response.end("reached")));
  const command = childCommand({ runtime: "javascript", isolation, guestFolder: escaped });
  const child = spawnChild({ ...command, args: [...command.args, String(port)] });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  child.stdin.end();
  await new Promise((resolve) => child.on("close", resolve));
  return JSON.parse(said) as Record<string, string>;
}

describe.each(candidateIsolations().map((isolation) => [nameOf(isolation), isolation] as const))(
  "%s",
  (_, isolation) => {
    test("keeps what has broken into Node from what its layers are there for", async () => {
      const outcome = await tryAll(isolation);
      const layers = layersOf(isolation);
      // These hold on every machine.
      expect(outcome).toMatchObject({
        environment: expect.stringMatching(/^(?:PWD)?$/),
        read_passwd: "no",
        write: "no",
        spawn: "no",
        worker: "no",
        addon: "no",
      });
      expect(outcome.connect).toBe(
        layers.includes("network-namespace") || layers.includes("seccomp") ? "no" : "yes",
      );
      if (layers.includes("uid-drop"))
        expect(outcome).toMatchObject({ uid: "65534", setuid: "no" });
      if (layers.includes("bubblewrap")) expect(outcome).toMatchObject({ sees_parent: "no" });
      if (layers.includes("seccomp"))
        expect(outcome).toMatchObject({ listen: "no", connect_code: "EPERM" });
    });

    test("gains no privileges", async () => {
      const child = spawnChild(childCommand({ runtime: "javascript", isolation }));
      await once(child.stdout, "data");
      const status = readFileSync(`/proc/${innermost(child.pid ?? 0)}/status`, "latin1");
      killWhole(child);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      if (isolation.uidDrop || isolation.namespaces !== "none")
        expect(status).toMatch(/^CapEff:\s+0+$/m);
    });

    test.each(RUNTIMES)("runs %s", async (runtime) => {
      const code = runtime === "python" ? "return input['a'] + 1" : "return input.a + 1;";
      const { run } = openSandbox({ isolations: [isolation] });
      expect(await run(code, { runtime, input: { a: 1 }, timeoutMs: 20_000 })).toMatchObject({
        kind: "ok",
        value: 2,
      });
    });
  },
);

test("does not use a child that lacks a promised layer", async () => {
  const promised: Isolation = { ...NO_ISOLATION, seccomp: true };
  const { run } = openSandbox({
    isolations: [promised],
    command: (parts) => childCommand({ ...parts, isolation: NO_ISOLATION }),
  });
  await expect(run("return 1")).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
    cause: { message: /runs without seccomp/ },
  });
});

test("passes over what does not work aloud, and not silently", async () => {
  const said: string[] = [];
  const log = {
    ...quiet,
    warn: (...args: unknown[]) => said.push(JSON.stringify(args)),
  } as unknown as typeof quiet;
  const broken: Isolation = { ...NO_ISOLATION, uidDrop: true };
  const sandbox = new Sandbox({
    log,
    isolations: [broken, NO_ISOLATION],
    command: (parts) =>
      parts.isolation?.uidDrop ? { file: "/bin/false", args: [] } : childCommand(parts),
  });
  expect((await sandbox.layers()).find(({ name }) => name === "uid-drop")).toMatchObject({
    active: false,
  });
  await sandbox.close();
  expect(said.join()).toMatch(/sandbox layers that do not work here/);
});

test("neither runs nor starts without the layers that STACK_SANDBOX_REQUIRE names", async () => {
  const { sandbox, run } = openSandbox({ isolations: [NO_ISOLATION], require: ["seccomp"] });
  await expect(run("return 1")).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
    message: /STACK_SANDBOX_REQUIRE.*seccomp/,
  });
  expect(await sandbox.layers()).toContainEqual(
    expect.objectContaining({ name: "seccomp", active: false }),
  );
  const home = makeHome();
  expect(() => loadConfig(testEnv(home, { STACK_SANDBOX_REQUIRE: "seccomp,chroot" }))).toThrow(
    /STACK_SANDBOX_REQUIRE names a layer/,
  );
  expect(
    loadConfig(testEnv(home, { STACK_SANDBOX_REQUIRE: "seccomp, uid-drop" })).sandboxRequire,
  ).toEqual(["seccomp", "uid-drop"]);
  const best = layersOf(candidateIsolations()[0] ?? NO_ISOLATION);
  expect(startServer({ STACK_SANDBOX_REQUIRE: best.join(",") })).toMatchObject({ status: 0 });
  // Whoever is not root cannot drop its user.
  const refused = startServer({ STACK_SANDBOX_REQUIRE: "uid-drop" }, NOBODY);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /STACK_SANDBOX_REQUIRE.*uid-drop \(needs a server that runs as root\)/,
  );
  expect(refused.stdout).toBe("");
});

const NOBODY = 65_534;

/** The server, whose client goes away at once. */
function startServer(env: Record<string, string>, uid = process.getuid?.() ?? 0) {
  const home = makeHome();
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(home, uid, uid);
  const as = isRoot ? { uid, gid: uid } : {};
  return spawnSync(process.execPath, [programPath], {
    env: testEnv(home, env),
    input: "",
    encoding: "utf8",
    ...as,
  });
}

test("gives a child nothing of the server's: no environment, no descriptor but its pipe", () => {
  const { file, args } = childCommand({ runtime: "javascript", guestFolder: escaped });
  const { stdout } = spawnSync(file, [...args, "0"], { env: { SECRET: "x" }, input: "" });
  expect(JSON.parse(String(stdout))).toMatchObject({ descriptors: "0,1,2" });
});
