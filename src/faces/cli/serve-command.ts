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
    .description("serve REST, MCP over HTTP and pages on one address, until SIGTERM or Ctrl-C")
    .option(
      "--host <address>",
      "address to listen on; beyond this machine STACK_ALLOWED_HOSTS or STACK_PUBLIC_URL is needed",
      "127.0.0.1",
    )
    .option("--port <number>", "port to listen on; 0 takes a free one", portNumber, DEFAULT_PORT)
    .option(
      "--seed",
      "put example skills into a new play folder; the default where only this machine reaches the server",
    )
    .option("--no-seed", "leave a new folder empty")
    .action(async (options: ServeOptions) => ending(await context.serve(options)));
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("It must be between 0 and 65535.");
  return Number(text);
}
