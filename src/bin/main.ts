import { DomainError } from "../shared/errors.ts";
import { runStdioServer } from "./stdio.ts";

/** Without arguments the program is an MCP server on stdio; everything else is a command. */
async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    await runStdioServer();
    return 0;
  }
  const { runCli } = await import("./cli.ts");
  return runCli(args);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const expected = error instanceof DomainError;
    process.stderr.write(
      expected ? `stack-mcp: ${error.message}\n` : `stack-mcp: ${(error as Error).stack ?? error}\n`,
    );
    process.exit(1);
  },
);
