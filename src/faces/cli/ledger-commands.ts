import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";
import { bad, good } from "./terminal/screen.ts";

export function addLedgerCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  program
    .command("ledger")
    .description("the double-entry ledger")
    .command("verify")
    .description("check every invariant; exit code 1 when one is broken")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const problems = await context.withServices((services) =>
        services.wallet.findLedgerProblems(),
      );
      ending(problems.length === 0 ? 0 : 1);
      if (options.json) return printJson(context, { ok: problems.length === 0, problems });
      if (problems.length === 0)
        return context.screen.say(good("The ledger is sound: every invariant holds."));
      context.screen.say(bad("The ledger is broken:"));
      for (const problem of problems) context.screen.say(`  ${problem}`);
    });
}
