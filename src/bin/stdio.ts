import { OPERATIONS } from "../../tools/registry.ts";
import { createApp } from "../app/create-app.ts";
import { loadConfig } from "../config/config.ts";
import { stdioCredential } from "../config/credential.ts";
import { serveStdio } from "../faces/mcp/serve-stdio.ts";
import { createLogger } from "../shared/logger.ts";

/** Clients wait about two seconds after they close stdin before they kill. */
const GRACE_MS = 1_200;

/** The server that an MCP client starts: answers listings at once, opens the data folder meanwhile. */
export async function runStdioServer(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  const credential = stdioCredential(config);
  const app = createApp(config, { log });
  app.then((ready) => ready.start()).catch(() => {});
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.stdin.destroy());
  const engine = app.then((ready) => ready.engine);
  engine.catch(() => {});
  await Promise.race([serveStdio({ engine, operations: OPERATIONS, credential }, log), app.then(never)]);
  await (await app).stop(GRACE_MS);
}

/** Fails when the program cannot be put together, and otherwise says nothing. */
function never(): Promise<never> {
  return new Promise(() => {});
}
