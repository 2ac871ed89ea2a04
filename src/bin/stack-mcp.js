#!/usr/bin/env node
// @ts-check
// The launcher: any Node from 18 up runs it. The program itself needs Node 24, and its native modules have builds for some
// versions alone and end without a word on an older one, so both are looked at before anything else is imported.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED_MAJOR = 24;
const INSTALL = {
  darwin: "Install Node 24 or 26: `brew install node@24`, or from nodejs.org.",
  musl:
    "The Node that comes along needs glibc, and this system has musl (Alpine): " +
    "install Node 24 or 26 with `apk add nodejs`, or use a Debian image.",
  other:
    "Install Node 24 or 26 from nodejs.org, " +
    "or run `npm install` here: it brings its own on Linux and Windows.",
};

const require = nodeModule.createRequire(import.meta.url);
const isMusl = process.platform === "linux" && !glibcVersion();

/** @returns {string | undefined} */
function glibcVersion() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (
    process.report?.getReport() ?? {}
  );
  return report.header?.glibcVersionRuntime;
}

/** True when the sandbox has a build for this very Node. */
function hasSandbox() {
  try {
    const folder = dirname(require.resolve("isolated-vm/package.json"));
    if (existsSync(join(folder, "build", "Release", "isolated_vm.node"))) return true;
    const builds = readdirSync(join(folder, "prebuilds", `${process.platform}-${process.arch}`));
    return builds.some((file) => file.includes(`.abi${process.versions.modules}.`));
  } catch {
    return false;
  }
}

/** A checkout runs from source; a package ships only the bundle. */
function programPath() {
  const source = fileURLToPath(new URL("./main.ts", import.meta.url));
  return existsSync(source)
    ? source
    : fileURLToPath(new URL("../../dist/main.js", import.meta.url));
}

/** @returns {string | undefined} */
function pinnedNode() {
  if (isMusl) return undefined;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const binary = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  try {
    const found = require.resolve(`${name}/package.json`).replace(/package\.json$/, binary);
    return existsSync(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} node */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {string} why */
function fail(why) {
  process.stderr.write(`stack-mcp: ${why}\n`);
  process.exit(1);
}

async function runHere() {
  const program = programPath();
  if (!existsSync(program))
    fail(
      "this package was packed without its program: `npm run package` in a checkout packs it whole.",
    );
  nodeModule.enableCompileCache?.();
  await import(pathToFileURL(program).href);
}

const isNew = Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR;
if (isNew && hasSandbox()) await runHere();
else {
  const node = pinnedNode();
  const linux = isMusl ? INSTALL.musl : INSTALL.other;
  const remedy = process.platform === "darwin" ? INSTALL.darwin : linux;
  if (node && !(isNew && node === process.execPath)) runWith(node);
  else if (isNew) {
    process.stderr.write(
      `stack-mcp: the sandbox has no build for ${process.version} on ${process.platform}-${process.arch}: ` +
        `sealed and source skills are refused, everything else works. ${remedy}\n`,
    );
    await runHere();
  } else fail(`Node ${NEEDED_MAJOR} or newer is needed and this is ${process.version}. ${remedy}`);
}
