import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";

export function addVerifyCommands(program: Command, context: CliContext, ending: (code: number) => void): void {
  program
    .command("ledger")
    .description("the double-entry ledger")
    .command("verify")
    .description("check every invariant; exit code 1 when one is broken")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const problems = await context.withServices((services) => services.wallet.findLedgerProblems());
      ending(problems.length === 0 ? 0 : 1);
      if (options.json) return printJson(context, { ok: problems.length === 0, problems });
      if (problems.length === 0) return context.print("The ledger is sound: every invariant holds.");
      context.print("The ledger is broken:");
      for (const problem of problems) context.print(`  ${problem}`);
    });
  program
    .command("audit")
    .description("the hash-chained audit log")
    .command("verify")
    .description("walk every chain; exit code 1 when one is broken")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const chains = await context.withServices((services) => services.audit.verify());
      const ok = chains.every((chain) => chain.problem === undefined);
      ending(ok ? 0 : 1);
      if (options.json)
        return printJson(context, {
          ok,
          chains: chains.map(({ operatorId: operator_id, ...rest }) => ({ operator_id, ...rest })),
        });
      for (const { operatorId, rows, problem } of chains) {
        context.print(`${operatorId}: ${problem ?? `${rows} rows, unbroken`}`);
      }
    });
}
