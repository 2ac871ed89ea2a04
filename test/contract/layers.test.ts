import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, onTestFinished, test } from "vitest";
import rules from "../../.dependency-cruiser.mjs";
import { root } from "../helpers/root.ts";

/** One breach for each rule: who imports what. */
const BREACHES: Readonly<Record<string, readonly [from: string, to: string]>> = {
  "no-unresolved": ["src/shared/a.ts", "./nowhere.ts"],
  "no-cycles": ["src/shared/a.ts", "src/shared/b.ts"],
  "shared-imports-nothing": ["src/shared/a.ts", "src/domain/b.ts"],
  "domain-is-pure": ["src/domain/a.ts", "src/services/b.ts"],
  "leaves-stand-alone": ["src/sandbox/a.ts", "src/llm/b.ts"],
  "storage-knows-no-service": ["storage/a.ts", "src/services/b.ts"],
  "services-know-no-face": ["src/services/a.ts", "src/faces/mcp/b.ts"],
  "operations-know-services": ["src/operations/a.ts", "storage/b.ts"],
  "tools-state-intents": ["tools/a.ts", "storage/b.ts"],
  "faces-decode-and-encode": ["src/faces/mcp/a.ts", "src/faces/cli/b.ts"],
  "kysely-has-one-owner": ["src/services/a.ts", "kysely"],
  "better-sqlite3-has-one-owner": ["src/services/a.ts", "better-sqlite3"],
  "napi-rs-keyring-has-one-owner": ["storage/a.ts", "@napi-rs/keyring"],
  "isolated-vm-has-one-owner": ["src/services/a.ts", "isolated-vm"],
  "openai-has-one-owner": ["src/services/a.ts", "openai"],
  "ajv-has-one-owner": ["src/services/a.ts", "ajv/dist/2020.js"],
  "ipaddr.js-has-one-owner": ["src/services/a.ts", "ipaddr.js"],
  "re2js-has-one-owner": ["src/services/a.ts", "re2js"],
  "modelcontextprotocol-server-has-one-owner": [
    "src/services/a.ts",
    "@modelcontextprotocol/server",
  ],
  "modelcontextprotocol-client-has-one-owner": [
    "src/faces/mcp/a.ts",
    "@modelcontextprotocol/client",
  ],
  "commander-has-one-owner": ["src/services/a.ts", "commander"],
  "hono-has-one-owner": ["src/faces/mcp/a.ts", "hono"],
  "hono-node-server-has-one-owner": ["src/faces/web/a.ts", "@hono/node-server"],
  "rate-limiter-flexible-has-one-owner": ["src/services/a.ts", "rate-limiter-flexible"],
  "prom-client-has-one-owner": ["src/services/a.ts", "prom-client"],
  "jose-has-one-owner": ["src/services/a.ts", "jose"],
  "stripe-has-one-owner": ["src/services/a.ts", "stripe"],
  "paddle-paddle-node-sdk-has-one-owner": ["src/services/a.ts", "@paddle/paddle-node-sdk"],
};

test("plants a breach for each rule", () => {
  expect(rules.forbidden.map((rule) => rule.name).sort()).toEqual(Object.keys(BREACHES).sort());
});

test.each(Object.entries(BREACHES))("fires the rule %s", async (rule, [from, to]) => {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-layers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const ours = /^(src|tools|storage)\//.test(to);
  const back = `import "${"../".repeat(to.split("/").length - 1)}${from}";`;
  write(from, `import "${ours ? "../".repeat(from.split("/").length - 1) + to : to}";\n`);
  if (ours) write(to, rule === "no-cycles" ? back : "export {};\n");
  for (const name of ["src", "tools", "storage"])
    mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  expect(await violated(folder)).toContain(rule);
});

test("sees the program whole, and finds no rule broken", async () => {
  const { violations, modules } = await inspect(root);
  expect(violations).toEqual([]);
  expect(modules).toBeGreaterThan(100);
});

async function violated(folder: string): Promise<string[]> {
  return (await inspect(folder)).violations;
}

async function inspect(baseDir: string): Promise<{ violations: string[]; modules: number }> {
  const { forbidden, options } = rules;
  const { enhancedResolveOptions, ...rest } = options;
  const { tsConfig: _, ...cruiseOptions } = rest;
  const result = await cruise(
    ["src", "tools", "storage"],
    {
      ...cruiseOptions,
      baseDir,
      validate: true,
      preserveSymlinks: true,
      ruleSet: { forbidden },
    } as never,
    enhancedResolveOptions as never,
  );
  const { summary, modules } = result.output as ICruiseResult;
  return {
    violations: summary.violations.map((violation) => violation.rule.name),
    modules: modules.length,
  };
}
