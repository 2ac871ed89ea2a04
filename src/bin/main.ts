import { nameProgram } from "../shared/as-started.ts";
import { DomainError } from "../shared/errors.ts";
import { flushLogs } from "../shared/logger.ts";
import { programName } from "./program-name.ts";
import { isServerCall, runStdioServer, UsageError } from "./stdio.ts";

/** Without arguments the program is an MCP server on stdio; everything else is a command. */
async function main(args: readonly string[]): Promise<number> {
  if (isServerCall(args)) return runStdioServer(args);
  const { runCli } = await import("./cli.ts");
  return runCli(args);
}

/** Only its owner reads what this program makes, whatever the folder. */
const PRIVATE = 0o077;

async function run(): Promise<number> {
  process.umask(PRIVATE);
  nameProgram(programName(process.argv, process.env));
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    const reason =
      error instanceof DomainError || error instanceof UsageError
        ? error.message
        : ((error as Error).stack ?? String(error));
    process.stderr.write(`stack-mcp: ${reason}\n`);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    flushLogs();
  }
}

process.exit(await run());
