#!/usr/bin/env node
// @ts-check
// The launcher: any Node from 18 up runs it. The program itself needs Node 24 and its native modules end without a word on
// an older one, so the version is checked before anything else is imported.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED_MAJOR = 24;

/** A checkout runs from source; a package ships only the bundle. */
function programPath() {
  const source = fileURLToPath(new URL("./main.ts", import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL("../../dist/main.js", import.meta.url));
}

/** @returns {string | undefined} */
function pinnedNode() {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const binary = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  try {
    const found = nodeModule
      .createRequire(import.meta.url)
      .resolve(`${name}/package.json`)
      .replace(/package\.json$/, binary);
    return existsSync(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} node */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
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

if (Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR) {
  nodeModule.enableCompileCache?.();
  await import(pathToFileURL(programPath()).href);
} else {
  const node = pinnedNode();
  if (node) runWith(node);
  else
    fail(
      `Node ${NEEDED_MAJOR} or newer is needed and this is ${process.version}. Install it from nodejs.org, or run \`npm install\` here: it brings its own on Linux and Windows.`,
    );
}
