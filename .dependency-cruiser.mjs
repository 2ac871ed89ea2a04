/** Who may import whom. The layers are in ARCHITECTURE.md; test/contract/layers.test.ts plants a breach for each rule. */

const LEAVES = "sandbox|llm|schemas|payments|egress|tokens|identity";

/** One folder owns each dangerous package. */
const owners = {
  kysely: "^storage/",
  "better-sqlite3": "^storage/",
  "@napi-rs/keyring": "^storage/vault/",
  "isolated-vm": "^src/sandbox/",
  openai: "^src/llm/",
  ajv: "^src/schemas/",
  re2js: "^src/schemas/",
  "ipaddr.js": "^src/egress/",
  "@modelcontextprotocol/server": "^src/faces/mcp/",
  "@modelcontextprotocol/client": "^src/faces/cli/demo/",
  commander: "^src/faces/cli/",
  hono: "^src/faces/(http|web)/",
  "@hono/node-server": "^src/faces/http/",
  "rate-limiter-flexible": "^src/faces/http/",
  "prom-client": "^src/faces/http/",
  stripe: "^src/(stripe|payments)/",
  jose: "^src/tokens/",
  "@paddle/paddle-node-sdk": "^src/payments/",
};

/** @param {string} name @param {object} from @param {object} to @param {string} comment */
const layer = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

export default {
  forbidden: [
    layer(
      "no-unresolved",
      {},
      { couldNotResolve: true },
      "an import that leads nowhere hides from every other rule",
    ),
    layer("no-cycles", {}, { circular: true }, "modules form no circle, type imports included"),
    layer(
      "shared-imports-nothing",
      { path: "^src/shared/" },
      { path: "^(src/(?!shared/)|tools/|storage/)" },
      "shared is the ground",
    ),
    layer(
      "domain-is-pure",
      { path: "^src/domain/" },
      { path: "^(src/(?!domain/|shared/)|tools/|storage/)" },
      "domain knows shared alone",
    ),
    layer(
      "leaves-stand-alone",
      { path: `^src/(${LEAVES})/` },
      { path: "^(src/|tools/|storage/)", pathNot: "^src/($1|stripe|domain|shared)/" },
      "sandbox, llm, schemas, payments, egress, tokens and identity know domain and shared, never each other; stripe is the client that two of them share",
    ),
    layer(
      "storage-knows-no-service",
      { path: "^storage/" },
      { path: "^(src/(?!domain/|shared/)|tools/)" },
      "storage knows domain and shared",
    ),
    layer(
      "services-know-no-face",
      { path: "^src/services/" },
      { path: "^(src/(operations|faces|app|bin|config)/|tools/)" },
      "a use case does not know who asks",
    ),
    layer(
      "operations-know-services",
      { path: "^src/operations/" },
      {
        path: "^(src/(faces|app|bin|config|sandbox|llm|schemas|payments|egress|tokens|identity)/|tools/|storage/)",
      },
      "the engine knows services, domain and shared",
    ),
    layer(
      "tools-state-intents",
      { path: "^tools/" },
      { path: "^(src/(?!operations/|domain/|shared/)|storage/)" },
      "an operation is data and one service call",
    ),
    layer(
      "faces-decode-and-encode",
      { path: "^src/faces/([^/]+)/" },
      {
        path: "^(src/|tools/|storage/)",
        pathNot: "^src/(faces/$1|operations|services|domain|shared)/",
      },
      "a face knows neither tools nor storage nor another face",
    ),
    ...Object.entries(owners).map(([name, path]) =>
      layer(
        `${name.replace(/[@/]/g, "-").replace(/^-/, "")}-has-one-owner`,
        { path: "^(src|tools|storage)/", pathNot: path },
        { path: `^node_modules/${name}/` },
        `${name} is used in one place`,
      ),
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
