import { type Logger as PinoLogger, pino } from "pino";

export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error">;
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const KEPT_BYTES = 1024 * 1024;
const FLUSH_MS = 200;

/** Written in the background: a client that does not read stderr must not stop the server. What it leaves is dropped. */
const destination = pino.destination({ fd: 2, sync: false, maxLength: KEPT_BYTES });

/** JSON lines on stderr: stdout belongs to JSON-RPC. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Waits a moment for what was logged to be read. */
export async function flushLogs(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FLUSH_MS);
  destination.flush(() => resolve());
  await promise;
  clearTimeout(timer);
}
