import { Command, CommanderError } from "commander";
import { DomainError } from "../../shared/errors.ts";
import { printable } from "../../shared/text.ts";
import { PROGRAM } from "../../shared/version.ts";
import { addApprovalCommands } from "./approval-commands.ts";
import { addAuditCommands } from "./audit-commands.ts";
import { addConfigCommands } from "./config-commands.ts";
import type { CliContext } from "./context.ts";
import { addDataCommands } from "./data-commands.ts";
import { addDemoCommand } from "./demo/demo-command.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { addEarningCommands } from "./earning-commands.ts";
import { addKeyCommands } from "./key-commands.ts";
import { addLedgerCommands } from "./ledger-commands.ts";
import { addOperatorCommands } from "./operator-commands.ts";
import { addPassportCommands } from "./passport-commands.ts";
import { addPayoutCommands } from "./payout-commands.ts";
import { addReportCommands } from "./report-command.ts";
import { addSeedCommand } from "./seed-command.ts";
import { addServeCommand } from "./serve-command.ts";
import { addServiceCommands } from "./service-commands.ts";
import { addSkillCommands } from "./skill/skill-commands.ts";

const USAGE_ERROR = 2;
const AS_A_SERVER = `Without a command it is an MCP server on stdio. Then it takes:
  --tools <names>          what to list: toolsets, tools, "all" (core)
  --exclude-tools <names>  what cannot be called
  --read-only              nothing can be changed
  --no-seed                leave a new data folder empty

The command serve is the same over HTTP, for others too.`;

/** Runs one command. 0: done; 1: refused or something is wrong; 2: usage. */
export async function runCommand(args: readonly string[], context: CliContext): Promise<number> {
  const program = new Command(PROGRAM.name)
    .description(`${PROGRAM.description}\n\n${AS_A_SERVER}`)
    .version(PROGRAM.version, "-v, --version")
    .exitOverride();
  let code = 0;
  const ending = (status: number) => {
    code = status;
  };
  addApprovalCommands(program, context);
  addConfigCommands(program, context, ending);
  addDataCommands(program, context);
  addDemoCommand(program, context);
  addDoctorCommand(program, context, ending);
  addEarningCommands(program, context);
  addKeyCommands(program, context);
  addOperatorCommands(program, context);
  addPayoutCommands(program, context);
  addReportCommands(program, context);
  addSeedCommand(program, context);
  addServiceCommands(program, context);
  addServeCommand(program, context, ending);
  addSkillCommands(program, context, ending);
  addLedgerCommands(program, context, ending);
  addAuditCommands(program, context, ending);
  addPassportCommands(program, context, ending);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    if (!(error instanceof DomainError)) throw error;
    process.stderr.write(printable(`stack-mcp: ${error.message}\n${misfitsOf(error)}`));
    return 1;
  }
}

/** The details that a message refers to. */
function misfitsOf({ details }: DomainError): string {
  if (typeof details?.said === "string") return `  ${details.said}\n`;
  const misfits = (details?.misfits ?? []) as readonly { readonly path: string; readonly message: string }[];
  return misfits.map(({ path, message }) => `  ${path} ${message}\n`).join("");
}
