import type { Command } from "commander";
import type { CliContext } from "../context.ts";

export function addDemoCommand(program: Command, context: CliContext): void {
  program
    .command("demo")
    .description(
      "watch two operators trade on a fresh data folder; no account, key or network is needed",
    )
    .action(async () => {
      const { runDemo } = await import("./demo.ts");
      await runDemo(context.screen);
    });
}
