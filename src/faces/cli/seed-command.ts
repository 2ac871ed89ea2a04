import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";

export function addSeedCommand(program: Command, context: CliContext): void {
  program
    .command("seed")
    .description("fill the marketplace with example skills of three publishers; doing it again changes nothing")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const seeded = await context.withServices((services) => services.seed.seed());
      if (options.json) return printJson(context, seeded);
      for (const { name, operator_id, api_key } of seeded.publishers) {
        context.print(`${name} (${operator_id})${api_key === undefined ? ", there already" : ""}`);
        if (api_key !== undefined) context.print(`  API key ${api_key}`);
        for (const skill of seeded.skills.filter(({ publisher }) => publisher === name)) {
          const price = skill.price_per_invocation === 0 ? "free" : `${skill.price_per_invocation} cents`;
          context.print(`  ${skill.name.padEnd(24)}${skill.execution_mode.padEnd(8)}${price.padEnd(12)}${skill.id}`);
        }
      }
      if (seeded.publishers.every(({ api_key }) => api_key === undefined)) return;
      context.print(
        "\nThe keys are not shown again. With one of them as STACK_API_KEY a client is that publisher, and can do the open work.",
      );
    });
}
