import { cpSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "rolldown";

/** Native modules find their binaries beside themselves. */
const native = ["better-sqlite3", "isolated-vm", "node-gyp-build", "@napi-rs/keyring", "pyodide"];

export default defineConfig({
  input: {
    main: "src/bin/main.ts",
    "schema-worker": "src/schemas/worker.ts",
    sdk: "src/sdk/index.ts",
  },
  platform: "node",
  external: native,
  treeshake: true,
  output: {
    dir: "dist",
    format: "esm",
    minify: "dce-only",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  },
  plugins: [
    {
      name: "guest-files",
      // What runs inside a sandbox child stays as it is: the child reads these files and nothing else.
      writeBundle: ({ dir = "dist" }) =>
        cpSync("src/sandbox/guest", join(dir, "guest"), { recursive: true }),
    },
  ],
});
