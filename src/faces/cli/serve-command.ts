import { type Command, InvalidArgumentError } from "commander";
import type { CliContext } from "./context.ts";

/** Of `serve`. */
export const DEFAULT_PORT = 4402;

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly seed?: boolean;
}

export function addServeCommand(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  program
    .command("serve")
    .description(
      "REST, MCP over HTTP and pages on one address, until it is told to stop (SIGTERM, Ctrl-C)",
    )
    .option(
      "--host <address>",
      "where to listen; beyond this machine STACK_ALLOWED_HOSTS or STACK_PUBLIC_URL is needed",
      "127.0.0.1",
    )
    .option("--port <number>", "0 takes any that is free", portNumber, DEFAULT_PORT)
    .option(
      "--seed",
      "put example skills into a new play folder; so it is by default where only this machine reaches it",
    )
    .option("--no-seed", "leave a new folder empty")
    .action(async (options: ServeOptions) => ending(await context.serve(options)));
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("It must be between 0 and 65535.");
  return Number(text);
}
