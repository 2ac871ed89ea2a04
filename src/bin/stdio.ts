import { parseArgs } from "node:util";
import { OPERATIONS } from "../../tools/registry.ts";
import type { App } from "../app/create-app.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { stdioCredential } from "../config/credential.ts";
import { nameList } from "../config/env.ts";
import { TOKEN_PREFIX } from "../domain/identity/passport.ts";
import { serveStdio } from "../faces/mcp/stdio/serve-stdio.ts";
import { AGENT_RIGHTS, fitted, type ProfileSettings, profileOf } from "../operations/profile.ts";
import type { Credential } from "../services/auth/authentication-service.ts";
import { asStarted } from "../shared/as-started.ts";
import { systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";
import { withoutGaps } from "../shared/json.ts";
import { createLogger, type Logger } from "../shared/logger.ts";

/** Clients wait about two seconds after they close stdin before they kill. */
const GRACE_MS = 1_200;
/**
 * The client's first listing goes first; then the data folder is opened, whether somebody calls or
 * not.
 */
const OPEN_AFTER_MS = 100;
const SEEDED =
  "this data folder is new: its marketplace has example skills. `stack-mcp seed --remove` takes them off";
const IN_A_TERMINAL =
  "This is an MCP server: it waits for an MCP client on stdin, and Ctrl-C ends it. " +
  "To look round, try `stack-mcp demo`, `stack-mcp serve` or `stack-mcp --help`.\n";
const FLAGS = ["--tools", "--exclude-tools", "--read-only", "--no-seed"];

/**
 * The server that an MCP client starts. A data folder that cannot be used is told on stderr and to
 * every call, so that whoever sits before the client reads why; the next call tries again. The exit
 * code is 1 when it could not be used to the end.
 */
export async function runStdioServer(args: readonly string[]): Promise<number> {
  const config = loadConfig(process.env);
  const { profile: asked, seeds } = settingsOf(args);
  const whole = profileOf(OPERATIONS, { ...config.profile, ...withoutGaps(asked) });
  const log = createLogger(config.logLevel);
  const credential = stdioCredential(config);
  const profile = isPassport(credential) ? fitted(whole, AGENT_RIGHTS) : whole;
  if (process.stdin.isTTY) process.stderr.write(asStarted(IN_A_TERMINAL));
  const folder = lazily(() => openApp(config, log, seeds));
  // Asked for more than the machine has, the program does not begin to serve.
  if (config.sandboxRequire.length > 0) await folder.open();
  systemClock.after(OPEN_AFTER_MS, () => void folder.open().catch(complain), "background");
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => process.stdin.destroy());
  const engine = async () => (await folder.open()).engine;
  const onChange = async (listener: () => void) =>
    (await folder.open()).store.changes.subscribe(listener);
  const stateKey = async () => (await folder.open()).store.deriveKey("mcp-request-state");
  await serveStdio({
    engine,
    operations: OPERATIONS,
    profile,
    credential,
    onChange,
    stateKey,
    log,
    elicits: config.elicitation,
  });
  await (await folder.opened())?.stop(GRACE_MS);
  return folder.failed() ? 1 : 0;
}

/** Tells whether these are arguments of the server and not of a command. */
export function isServerCall(args: readonly string[]): boolean {
  return (
    args.length === 0 || FLAGS.some((flag) => args[0] === flag || args[0]?.startsWith(`${flag}=`))
  );
}

function isPassport(credential: Credential): boolean {
  return credential.kind === "bearer" && credential.token.reveal().startsWith(TOKEN_PREFIX);
}

/** Flags win over the environment. Throws UsageError. */
function settingsOf(args: readonly string[]): {
  readonly profile: ProfileSettings;
  readonly seeds: boolean;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tools: { type: "string" },
        "exclude-tools": { type: "string" },
        "read-only": { type: "boolean" },
        "no-seed": { type: "boolean" },
      },
    });
    const profile = {
      tools: values.tools === undefined ? undefined : nameList.parse(values.tools),
      exclude:
        values["exclude-tools"] === undefined ? undefined : nameList.parse(values["exclude-tools"]),
      readOnly: values["read-only"],
    };
    return { profile, seeds: values["no-seed"] !== true };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Arguments that the program cannot make sense of. */
export class UsageError extends Error {}

/** Opens once, when it is first asked to; after a failure the next to ask tries again. */
function lazily(open: () => Promise<App>) {
  let opening: Promise<App> | undefined;
  let failed = false;
  const attempt = async (): Promise<App> => {
    try {
      const app = await open();
      failed = false;
      return app;
    } catch (error) {
      failed = true;
      opening = undefined;
      throw error;
    }
  };
  return {
    open: () => {
      opening ??= attempt();
      return opening;
    },
    /** The program, if it was ever put together. */
    opened: async () => opening?.catch(() => undefined),
    failed: () => failed,
  };
}

async function openApp(config: Config, log: Logger, seeds: boolean): Promise<App> {
  const { createApp } = await import("../app/create-app.ts");
  const app = await createApp(config, { log });
  try {
    if (config.sandboxRequire.length > 0) await app.sandbox.requireLayers();
    if (seeds && (await app.services.seed.seedNew())) log.info(asStarted(SEEDED));
  } catch (error) {
    await app.stop(0);
    throw error;
  }
  app.start();
  return app;
}

function complain(error: unknown): void {
  process.stderr.write(
    `stack-mcp: ${error instanceof DomainError ? error.message : String(error)}\n`,
  );
}
