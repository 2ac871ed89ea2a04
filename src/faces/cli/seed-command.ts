import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";

interface SeedOptions {
  readonly remove?: boolean;
  readonly json?: boolean;
}

export function addSeedCommand(program: Command, context: CliContext): void {
  program
    .command("seed")
    .description(
      "fill the marketplace with example skills of three publishers; a repetition changes nothing",
    )
    .option("--remove", "take the example skills off the market; purchases of them stay readable")
    .option("--json", "print JSON")
    .action((options: SeedOptions) =>
      options.remove ? remove(context, options) : seed(context, options),
    );
}

async function seed(context: CliContext, options: SeedOptions): Promise<void> {
  const seeded = await context.withServices((services) => services.seed.seed());
  if (options.json) return printJson(context, seeded);
  for (const { name, operator_id, made } of seeded.publishers) {
    context.screen.title(`${name} (${operator_id})${made ? "" : ", there already"}`);
    for (const skill of seeded.skills.filter(({ publisher }) => publisher === name)) {
      const price =
        skill.price_per_invocation === 0 ? "free" : `${skill.price_per_invocation} cents`;
      context.screen.entry(
        `  ${skill.name.padEnd(24)}${skill.execution_mode.padEnd(6)}`,
        price.padEnd(10),
        skill.id,
      );
    }
  }
  context.screen.say("\nWhile a server runs on this folder, it does the open work itself.");
  context.screen.next(
    ["skill show extract-invoice-totals", "one of them as a buyer sees it"],
    ["serve", "all of them over HTTP, with pages"],
    ["key create night-desk", "a key, to do the open work yourself"],
  );
}

async function remove(context: CliContext, options: SeedOptions): Promise<void> {
  const removed = await context.withServices((services) => services.seed.remove());
  if (options.json) return printJson(context, { removed });
  context.screen.say(
    removed.length === 0
      ? "No example skill is on offer."
      : `Taken off the market: ${removed.join(", ")}.`,
  );
}
