import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";

export function addPayoutCommands(program: Command, context: CliContext): void {
  program
    .command("payouts")
    .description("payouts of publishers")
    .command("run")
    .description(
      "pay publishers their earnings from before the first of the month, once a month at most",
    )
    .option("--month <YYYY-MM>", "another month than this one; with play money also a future one")
    .option("--json", "print JSON")
    .action(async (options: { readonly month?: string; readonly json?: boolean }) => {
      const run = await context.withServices((services) => services.payouts.run(options.month));
      if (options.json) return printJson(context, run);
      for (const { publisher_id, amount_cents } of run.payouts)
        context.screen.entry(publisher_id, `${amount_cents} cents`);
      const carried =
        run.carried_over === 0 ? "" : `, ${run.carried_over} below the minimum of 1,000 cents`;
      const awaiting =
        run.awaiting_account === 0
          ? ""
          : `, ${run.awaiting_account} without an account (stack_set_up_payouts)`;
      const withheld = run.withheld === 0 ? "" : `, ${run.withheld} of suspended operators`;
      const left =
        run.in_transit === 0
          ? ""
          : `, ${run.in_transit} not taken by the processor and sent again by the next run`;
      context.screen.say(
        `${run.period}: ${run.payouts.length} paid${carried}${awaiting}${withheld}${left}.`,
      );
    });
}
