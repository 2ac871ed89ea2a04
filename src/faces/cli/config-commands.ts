import type { Command } from "commander";
import { DomainError } from "../../shared/errors.ts";
import { type CliContext, printJson } from "./context.ts";
import { bad, doubtful, good } from "./terminal/screen.ts";

/** Commands on what the environment and config.json say, without opening anything. */
export function addConfigCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  const config = program
    .command("config")
    .description("the configuration: environment and config.json");
  config
    .command("check")
    .description("report every problem at once; exit code 1 when there is one")
    .option("--json", "print JSON")
    .action(({ json }: { readonly json?: boolean }) => {
      const { problems, warnings } = checked(context);
      ending(problems.length > 0 ? 1 : 0);
      if (json) return printJson(context, { problems, warnings });
      for (const problem of problems) context.screen.say([bad("problem  "), problem]);
      for (const warning of warnings) context.screen.say([doubtful("warning  "), warning]);
      if (problems.length === 0) context.screen.say(good("The configuration is usable."));
    });
  config
    .command("print")
    .description("print every setting in effect; secrets only as set or not")
    .option("--json", "print JSON")
    .action(({ json }: { readonly json?: boolean }) => {
      const { pairs } = context.settings();
      if (json) return printJson(context, Object.fromEntries(pairs));
      context.screen.pairs(pairs);
    });
}

function checked(context: CliContext): {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
} {
  try {
    return { problems: [], warnings: context.settings().warnings };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "MISCONFIGURED") throw error;
    const { problems = [error.message], warnings = [] } = (error.details ?? {}) as {
      problems?: string[];
      warnings?: string[];
    };
    return { problems, warnings };
  }
}
