import { OPERATIONS } from "../../tools/registry.ts";
import type { App } from "../app/create-app.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { stdioCredential } from "../config/credential.ts";
import { serveStdio } from "../faces/mcp/serve-stdio.ts";
import { DomainError } from "../shared/errors.ts";
import { createLogger, type Logger } from "../shared/logger.ts";

/** Clients wait about two seconds after they close stdin before they kill. */
const GRACE_MS = 1_200;
/** The client's first listing goes first; then the data folder is opened, whether somebody calls or not. */
const OPEN_AFTER_MS = 100;

/**
 * The server that an MCP client starts. A data folder that cannot be used is told on stderr and to every call, so that
 * whoever sits before the client reads why; the next call tries again. The exit code is 1 when it never could be used.
 */
export async function runStdioServer(): Promise<number> {
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  const credential = stdioCredential(config);
  let opening: Promise<App> | undefined;
  const open = (): Promise<App> => {
    opening ??= openApp(config, log).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  setTimeout(() => open().catch(complain), OPEN_AFTER_MS).unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.stdin.destroy());
  const engine = async () => (await open()).engine;
  await serveStdio({ engine, operations: OPERATIONS, credential }, log);
  const app = await open().catch(() => undefined);
  await app?.stop(GRACE_MS);
  return app ? 0 : 1;
}

async function openApp(config: Config, log: Logger): Promise<App> {
  const { createApp } = await import("../app/create-app.ts");
  const app = await createApp(config, { log });
  app.start();
  return app;
}

function complain(error: unknown): void {
  process.stderr.write(`stack-mcp: ${error instanceof DomainError ? error.message : String(error)}\n`);
}
