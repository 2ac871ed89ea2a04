import { type Command, Option } from "commander";
import { RUNTIMES, type Runtime } from "../../../domain/market/skill.ts";
import type { DraftReport } from "../../../services/invocations/run/draft-report.ts";
import { DomainError } from "../../../shared/errors.ts";
import { type CliContext, printJson } from "../context.ts";
import { inputOf, readDraft } from "./draft-file.ts";
import { initSkill } from "./init.ts";
import { addListingCommands } from "./listing-commands.ts";
import { exampleWorks, notPublished, printPublished, publishOrUpdate } from "./publish.ts";
import { printReport } from "./report.ts";

interface TestOptions {
  readonly input?: string;
  readonly json?: boolean;
}

export function addSkillCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  const skill = program
    .command("skill")
    .description("write skills: test a draft, publish it, read its runs");
  skill
    .command("init")
    .description("write a small working skill to start from")
    .argument("<folder>", "folder to create")
    .addOption(
      new Option("--runtime <runtime>", "language of its script")
        .choices(RUNTIMES)
        .default("javascript"),
    )
    .action((folder: string, { runtime }: { readonly runtime: Runtime }) => {
      const paths = initSkill(folder, runtime);
      for (const path of paths) context.screen.say(`wrote ${path}`);
      const draft = /\s/.test(folder) ? `"${paths[0]}"` : paths[0];
      context.screen.next(
        [`skill test ${draft}`, "runs it"],
        [`skill publish ${draft}`, "offers it"],
      );
    });
  skill
    .command("test")
    .description(
      "run a draft on an example input, unpaid and without storing it; exit code 1 when it fails",
    )
    .argument(
      "<file>",
      "JSON of the skill; a step may name a code_file, system_prompt_file or user_message_file",
    )
    .option("--input <json>", "an input, or @file; default: the draft's example_input")
    .option("--json", "print JSON")
    .action(async (file: string, options: TestOptions) => {
      const report = await tried(context, file, options);
      ending(report.ok ? 0 : 1);
      if (options.json) return printJson(context, report);
      printReport(context, report);
    });
  skill
    .command("publish")
    .description(
      "run the draft's example, then publish the draft, or update the skill of this name",
    )
    .argument("<file>", "JSON of the skill")
    .option("--untested", "publish the draft even if its example fails")
    .option("--json", "print JSON")
    .action(
      async (
        file: string,
        { untested, json }: { readonly untested?: boolean; readonly json?: boolean },
      ) => {
        const draft = readDraft(file);
        if (!untested && !(await exampleWorks(context, draft))) throw notPublished();
        const published = await publishOrUpdate(context, draft);
        if (json) return printJson(context, published.skill);
        await printPublished(context, published, draft.example);
      },
    );
  addListingCommands(skill, context);
}

async function tried(
  context: CliContext,
  file: string,
  { input: given }: TestOptions,
): Promise<DraftReport> {
  const { draft, example } = readDraft(file);
  const input = given === undefined ? example : inputOf(given);
  try {
    return (await context.call("stack_test_skill", {
      ...draft,
      input: input ?? {},
    })) as unknown as DraftReport;
  } catch (error) {
    const isMisfit = error instanceof DomainError && error.code === "INPUT_INVALID";
    if (!isMisfit || input !== undefined) throw error;
    throw new DomainError(
      "INPUT_INVALID",
      `${file} has no example_input to run on. Add one, or give --input.`,
    );
  }
}
