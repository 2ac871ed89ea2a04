import { styleText } from "node:util";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { startedAs } from "../../shared/as-started.ts";
import { EXAMPLES } from "./examples.ts";
import { columnsOf } from "./terminal/screen.ts";

/** Words that are never guessed for a mistyped one: a wrong guess would destroy something. */
const NEVER_GUESSED = new Set([
  "delete",
  "deny",
  "disconnect",
  "erase",
  "reject",
  "restore",
  "revoke",
  "suspend",
  "unlist",
  "--remove",
  "--replace",
]);
const HELP_COLUMNS = 80;

/** Decides how help and usage errors look, before any command is added. */
export function setUpHelp(program: Command): void {
  program
    .configureHelp({ styleTitle: (title) => styleText("bold", title) })
    .configureOutput({
      outputError: (text, write) => write(withoutDangerousGuess(text)),
      getOutHelpWidth: () => Math.min(HELP_COLUMNS, columnsOf(process.stdout)),
      getErrHelpWidth: () => Math.min(HELP_COLUMNS, columnsOf(process.stderr)),
    })
    .showHelpAfterError("(--help shows more.)");
}

/** Adds the command that writes a completion script, which then asks this program. */
export function addCompletion(program: Command): void {
  tab(program);
  const added = program.commands.find((command) => command.name() === "complete");
  added?.description(
    "write a script that completes commands in bash, zsh, fish or powershell, where stack-mcp is on the PATH",
  );
}

/** Adds to each command's help how it is used, with the program named as it was started. */
export function addExamples(command: Command, words: readonly string[] = []): void {
  for (const child of command.commands) addExamples(child, [...words, child.name()]);
  const examples = EXAMPLES[words.join(" ")] ?? [];
  if (examples.length === 0) return;
  const title = styleText("bold", examples.length === 1 ? "Example:" : "Examples:");
  command.addHelpText(
    "after",
    ["", title, ...examples.map((example) => `  ${startedAs()} ${example}`)].join("\n"),
  );
}

function withoutDangerousGuess(text: string): string {
  return text.replace(/\n\(Did you mean (?:one of )?([^?]+)\?\)/, (_, names: string) => {
    const guesses = names.split(", ").filter((name) => !NEVER_GUESSED.has(name));
    if (guesses.length === 0) return "";
    return `\n(Did you mean ${guesses.length === 1 ? "" : "one of "}${guesses.join(", ")}?)`;
  });
}
