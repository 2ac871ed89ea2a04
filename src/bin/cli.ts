import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPERATIONS } from "../../tools/registry.ts";
import { backUp, databasePath, restore } from "../app/backup.ts";
import { type App, createApp } from "../app/create-app.ts";
import { loadConfig } from "../config/config.ts";
import { stdioCredential } from "../config/credential.ts";
import { describeConfig } from "../config/describe.ts";
import { nameList } from "../config/env.ts";
import { Problems } from "../config/problems.ts";
import { runCommand } from "../faces/cli/program.ts";
import { Screen } from "../faces/cli/terminal/screen.ts";
import { Waiting } from "../faces/cli/terminal/waiting.ts";
import { inCommands } from "../operations/in-commands.ts";
import { profileOf } from "../operations/profile.ts";
import { assert } from "../shared/errors.ts";
import { printable } from "../shared/text.ts";

/** Runs one command; the data folder is opened only by those that need it. */
export async function runCli(args: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", () => process.exit(0));
  const waiting = new Waiting(process.stderr);
  const makeRoom = () => waiting.hide();
  const screen = new Screen(process.stdout, makeRoom);
  const complaints = new Screen(process.stderr, makeRoom);
  const write = (text: string) => {
    makeRoom();
    process.stdout.write(printable(text));
  };
  const print = (text: string) => write(`${text}\n`);
  const complain = (text: string) => complaints.say(`stack-mcp: ${text}`);
  return runCommand(args, {
    print,
    write,
    screen,
    complaints,
    serve: async (options) => {
      const { runHttpServer } = await import("./serve.ts");
      return runHttpServer({ ...options, print, complain });
    },
    inCommands: (message) => inCommands(OPERATIONS, message),
    offline: {
      verifyPassport: async (...given) =>
        (await import("../app/offline.ts")).verifyPassportOffline(...given),
      verifyReceipt: async (...given) =>
        (await import("../app/offline.ts")).verifyReceiptOffline(...given),
      verifyExport: async (...given) =>
        (await import("../app/offline.ts")).verifyAuditExportOffline(...given),
    },
    backUp: (file) => waiting.during(async () => backUp(loadConfig(process.env).home, file)),
    restore: (file, replace) =>
      waiting.during(async () => {
        const { home, masterKey } = loadConfig(process.env);
        return restore({ file, home, replace, masterKey });
      }),
    settings,
    dataFolder: () => {
      const { home } = loadConfig(process.env);
      return { home, exists: existsSync(databasePath(home)) };
    },
    withThrowaway: (work) => waiting.during(() => withThrowaway((app) => work(app.services))),
    withServices: (work) => waiting.during(() => withApp((app) => work(app.services))),
    call: (tool, input) => waiting.during(() => withApp((app) => call(app, tool, input))),
  });
}

/**
 * Throws MISCONFIGURED with every problem, those of names that only the operations know among them.
 */
function settings() {
  const { STACK_TOOLS: tools = "", STACK_EXCLUDE_TOOLS: exclude = "" } = process.env;
  const problems = new Problems();
  const config = problems.collect(() => loadConfig(process.env));
  for (const [field, names] of [
    ["tools", tools],
    ["exclude", exclude],
  ] as const) {
    if (names !== "")
      problems.collect(() => profileOf(OPERATIONS, { [field]: nameList.parse(names) }));
  }
  if (config === undefined || problems.any)
    throw problems.toError(config?.warnings ?? problems.warnings);
  return { pairs: describeConfig(config), warnings: config.warnings };
}

async function withThrowaway<T>(work: (app: App) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "stack-mcp-"));
  try {
    return await withApp(work, {
      ...process.env,
      STACK_HOME: home,
      STACK_MASTER_KEY: randomBytes(32).toString("hex"),
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function withApp<T>(work: (app: App) => Promise<T>, env = process.env): Promise<T> {
  const app = await createApp(loadConfig(env));
  try {
    return await work(app);
  } finally {
    await app.stop(0);
  }
}

async function call(app: App, tool: string, input: object): Promise<Record<string, unknown>> {
  const operation = OPERATIONS.find(({ name }) => name === tool);
  assert(operation, "a command calls only operations that there are");
  const credential = stdioCredential(loadConfig(process.env));
  const profile = profileOf(OPERATIONS, { tools: ["all"] });
  const { signal } = new AbortController();
  const outcome = await app.engine.run({ operation, input, credential, profile, signal });
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
