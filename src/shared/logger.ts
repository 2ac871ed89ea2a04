import fs from "node:fs";
import { type Logger as PinoLogger, pino } from "pino";
import { readableLine } from "./readable-log.ts";

export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error">;
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const KEPT_BYTES = 1024 * 1024;
let ending = false;

/**
 * Written in the background: a client that does not read stderr must not stop the server. What it
 * leaves is dropped.
 */
const destination = pino.destination({
  fd: 2,
  sync: false,
  maxLength: KEPT_BYTES,
  retryEAGAIN: () => !ending,
});

/**
 * JSON lines on stderr, or lines for people where that is a terminal: stdout belongs to JSON-RPC.
 */
export function createLogger(level: LogLevel): Logger {
  const readable = { write: (line: string) => void destination.write(readableLine(line)) };
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    process.stderr.isTTY ? readable : destination,
  );
}

/** Before the process ends: writes what can be written without waiting for a reader. */
export function flushLogs(): void {
  ending = true;
  const { writeSync } = fs;
  fs.writeSync = ((...given: Parameters<typeof writeSync>) =>
    writeOnce(writeSync, given)) as typeof writeSync;
  try {
    destination.flushSync();
  } catch {
    // Nobody reads: the rest is dropped.
  }
  fs.writeSync = writeSync;
  destination.flushSync = () => {};
}

/**
 * The destination gives up on EAGAIN alone and tries everything else for ever: a reader that is
 * gone would keep us here.
 */
function writeOnce<Given extends unknown[]>(
  write: (...given: Given) => number,
  given: Given,
): number {
  try {
    return write(...given);
  } catch (error) {
    throw Object.assign(error as Error, { code: "EAGAIN" });
  }
}
