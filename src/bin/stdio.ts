import { OPERATIONS } from "../../tools/registry.ts";
import type { App } from "../app/create-app.ts";
import { loadConfig } from "../config/config.ts";
import { stdioCredential } from "../config/credential.ts";
import { serveStdio } from "../faces/mcp/serve-stdio.ts";
import { createLogger } from "../shared/logger.ts";

/** Clients wait about two seconds after they close stdin before they kill. */
const GRACE_MS = 1_200;
/** The client's first listing goes first; then the data folder is opened, whether somebody calls or not. */
const OPEN_AFTER_MS = 100;

/** The server that an MCP client starts. Throws MISCONFIGURED when the data folder cannot be used. */
export async function runStdioServer(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  const credential = stdioCredential(config);
  const { promise: broken, reject: fail } = Promise.withResolvers<never>();
  let opening: Promise<App> | undefined;
  const open = (): Promise<App> => {
    if (opening) return opening;
    opening = import("../app/create-app.ts").then(({ createApp }) => createApp(config, { log }));
    opening.then((app) => app.start(), fail);
    return opening;
  };
  setTimeout(open, OPEN_AFTER_MS).unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.stdin.destroy());
  const engine = async () => (await open()).engine;
  await Promise.race([serveStdio({ engine, operations: OPERATIONS, credential }, log), broken]);
  if (opening) await (await opening).stop(GRACE_MS);
}
