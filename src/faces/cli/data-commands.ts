import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";
import { wholeNumber } from "./numbers.ts";

interface EraseOptions {
  readonly invocation?: string;
  readonly operator?: string;
  readonly olderThanDays?: number;
  readonly json?: boolean;
}

/** The data of a folder: copied, put back, erased. */
export function addDataCommands(program: Command, context: CliContext): void {
  program
    .command("backup")
    .description(
      "copy the database consistently, also while a server runs; the master key is not in the copy",
    )
    .argument("<file>", "file to write; it must not exist")
    .option("--json", "print JSON")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const made = await context.backUp(file);
      if (options.json) return printJson(context, made);
      context.screen.say(`${made.file} is written. A restore needs the master key:`);
      context.screen.say(KEEP[made.key_store] ?? "");
      context.screen.say(`The fingerprint of the master key is ${made.key_fingerprint}.`);
    });
  program
    .command("restore")
    .description("put a backup in place, after a check of its ledger, its audit log and its key")
    .argument("<file>", "a file that backup made")
    .option("--replace", "put aside the existing database")
    .option("--json", "print JSON")
    .action(
      async (file: string, options: { readonly replace?: boolean; readonly json?: boolean }) => {
        const restored = await context.restore(file, options.replace === true);
        if (options.json) return printJson(context, restored);
        context.screen.pairs([
          ["database", restored.database],
          ["instance", restored.instance_id],
          ["master key", `fingerprint ${restored.key_fingerprint}, found`],
          ["before", restored.put_aside ?? "there was none"],
        ]);
      },
    );
  program
    .command("erase")
    .description(
      "erase inputs, outputs and texts of ended invocations; amounts, digests and the audit log stay",
    )
    .option("--invocation <id>", "only this invocation")
    .option("--operator <operator>", "invocations that an operator bought or sold (id or name)")
    .option("--older-than-days <days>", "invocations that ended longer ago", wholeNumber(1, 9_999))
    .option("--json", "print JSON")
    .action(async ({ invocation, operator, olderThanDays, json }: EraseOptions) => {
      const done = await context.withServices((services) =>
        services.erasure.erase({ invocationId: invocation, operator, olderThanDays }),
      );
      if (json) return printJson(context, done);
      context.screen.say(
        `Erased the content of ${done.erased} invocation${done.erased === 1 ? "" : "s"}. Backups keep what they have.`,
      );
    });
}

const KEEP: Readonly<Record<string, string>> = {
  environment: "it is what STACK_MASTER_KEY is set to here.",
  keychain: "it is in the system's keychain here, service stack-mcp.",
  file: "it is the file master.key of this data folder. Keep it apart from the copy.",
};
