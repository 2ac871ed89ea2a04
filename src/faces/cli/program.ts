import { Command, CommanderError } from "commander";
import { DomainError } from "../../shared/errors.ts";
import { PROGRAM } from "../../shared/version.ts";
import { addApprovalCommands } from "./approval-commands.ts";
import { addAuditCommands } from "./audit-commands.ts";
import { addConfigCommands } from "./config-commands.ts";
import type { CliContext } from "./context.ts";
import { addDataCommands } from "./data-commands.ts";
import { addDemoCommand } from "./demo/demo-command.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { addEarningCommands } from "./earning-commands.ts";
import { addCompletion, addExamples, setUpHelp } from "./help.ts";
import { addKeyCommands } from "./key-commands.ts";
import { addLedgerCommands } from "./ledger-commands.ts";
import { addOperatorCommands } from "./operator-commands.ts";
import { addPassportCommands } from "./passport-commands.ts";
import { addPayoutCommands } from "./payout-commands.ts";
import { addReportCommands } from "./report-command.ts";
import { addReviewCommands } from "./review-commands.ts";
import { addSeedCommand } from "./seed-command.ts";
import { addServeCommand } from "./serve-command.ts";
import { addServiceCommands } from "./service-commands.ts";
import { addSkillCommands } from "./skill/skill-commands.ts";
import { bad } from "./terminal/screen.ts";

const USAGE_ERROR = 2;
const AS_A_SERVER = `Without a command it is an MCP server on stdio. Then it takes:
  --tools <names>          what to list: toolsets, tools, "all" (core)
  --exclude-tools <names>  what cannot be called
  --read-only              nothing can be changed
  --no-seed                leave a new data folder empty

The command serve is the same over HTTP, for others too.`;

/** Runs one command. 0: done; 1: refused or something is wrong; 2: usage. */
export async function runCommand(args: readonly string[], context: CliContext): Promise<number> {
  let code = 0;
  const program = programFor(context, (status) => {
    code = status;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    if (!(error instanceof DomainError)) throw error;
    context.complaints.say([bad("stack-mcp: "), context.inCommands(error.message)]);
    for (const detail of detailsOf(error)) context.complaints.say(`  ${detail}`);
    return 1;
  }
}

/** All commands. `ending` is told an exit code other than 0. */
export function programFor(context: CliContext, ending: (code: number) => void): Command {
  const program = new Command(PROGRAM.name)
    .description(`${PROGRAM.description}\n\n${AS_A_SERVER}`)
    .version(PROGRAM.version, "-v, --version")
    .exitOverride();
  setUpHelp(program);
  program.commandsGroup("To begin:");
  addDemoCommand(program, context);
  addSeedCommand(program, context);
  addServeCommand(program, context, ending);
  addDoctorCommand(program, context, ending);
  addConfigCommands(program, context, ending);
  program.commandsGroup("To sell and to buy:");
  addSkillCommands(program, context, ending);
  addEarningCommands(program, context);
  addServiceCommands(program, context);
  addApprovalCommands(program, context);
  program.commandsGroup("To host:");
  addOperatorCommands(program, context);
  addKeyCommands(program, context);
  addReviewCommands(program, context, ending);
  addReportCommands(program, context);
  addPayoutCommands(program, context);
  addDataCommands(program, context);
  program.commandsGroup("To prove:");
  addLedgerCommands(program, context, ending);
  addAuditCommands(program, context, ending);
  addPassportCommands(program, context, ending);
  program.commandsGroup("To type less:");
  addCompletion(program);
  program.helpCommand("help [command]", "show the help of a command");
  addExamples(program);
  return program;
}

/** The details that a message refers to. */
function detailsOf({ details }: DomainError): readonly string[] {
  if (typeof details?.said === "string") return [details.said];
  const misfits = (details?.misfits ?? []) as readonly {
    readonly path: string;
    readonly message: string;
  }[];
  return misfits.map(({ path, message }) => `${path} ${message}`);
}
