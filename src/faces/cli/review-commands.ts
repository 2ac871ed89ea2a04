import type { Command } from "commander";
import type { DraftReport } from "../../services/invocations/run/draft-report.ts";
import type { SkillInReview } from "../../services/skills/review-service.ts";
import type { SkillSummary } from "../../services/skills/skill-view.ts";
import { type CliContext, printJson } from "./context.ts";
import { listAll } from "./pages.ts";
import { inputOf } from "./skill/draft-file.ts";
import { printReport } from "./skill/report.ts";
import { spaced } from "./terminal/spaced.ts";

interface Asked {
  readonly json?: boolean;
}

/** Adds the commands of a reviewer. */
export function addReviewCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  const review = program
    .command("review")
    .description("skills that wait for review before others can buy them");
  const about = (name: string, description: string) =>
    review
      .command(name)
      .description(description)
      .argument("<skill>", "id or publisher/name")
      .option("--json", "print JSON");
  review
    .command("list")
    .description("list the skills that wait, newest first")
    .option("--json", "print JSON")
    .action(async ({ json }: Asked) => {
      const waiting = await listAll<SkillSummary>(context, "stack_list_pending_reviews");
      if (json) return printJson(context, waiting);
      if (waiting.length === 0) context.screen.say("Nothing waits for review.");
      for (const skill of waiting) context.screen.entry(`${skill.name} ${skill.version}`, skill.id);
    });
  about("show", "show one with its steps; its publisher's audit log records the look").action(
    async (name: string, { json }: Asked) => {
      const opened = await openFor(context, name);
      if (json) return printJson(context, opened);
      printOpened(context, opened);
    },
  );
  about(
    "try",
    "run it once, as a draft of yours: unpaid, with your connections and not its publisher's",
  )
    .option("--input <json>", "an input, or @file; default: its example")
    .action(async (name: string, { input, json }: Asked & { readonly input?: string }) => {
      const { draft, example_input } = await openFor(context, name);
      const request = {
        ...draft,
        input: input === undefined ? (example_input ?? {}) : inputOf(input),
      };
      const report = (await context.call("stack_test_skill", request)) as unknown as DraftReport;
      ending(report.ok ? 0 : 1);
      if (json) return printJson(context, report);
      printReport(context, report);
    });
  about("approve", "approve its current version")
    .option("--digest <digest>", "approve only this version, the one that you read")
    .action(async (name: string, { digest, json }: Asked & { readonly digest?: string }) => {
      const judged = await context.call("stack_approve_skill", {
        skill_id: name,
        digest: digest || undefined,
      });
      if (json) return printJson(context, judged);
      context.screen.say(`${name} is ${judged.status}.`);
    });
  about("reject", "reject it; its publisher reads the reason")
    .option("--reason <text>", "reason, for its publisher")
    .action(async (name: string, { reason, json }: Asked & { readonly reason?: string }) => {
      const judged = await context.call("stack_reject_skill", {
        skill_id: name,
        reason: reason || undefined,
      });
      if (json) return printJson(context, judged);
      context.screen.say(`${name} is ${judged.status}.`);
    });
}

async function openFor(context: CliContext, name: string): Promise<SkillInReview> {
  const { id } = await context.call("stack_get_skill", { skill_id: name });
  return context.withServices(({ reviews }) => reviews.open(String(id)));
}

function printOpened(
  context: CliContext,
  { publisher, name, version, digest, draft, example_input }: SkillInReview,
): void {
  const {
    execution_steps: steps = [],
    description,
    ...rest
  } = draft as { execution_steps?: object[] } & typeof draft;
  context.screen.title(`${publisher}/${name} ${version}`);
  context.screen.say(`  ${description}\n`);
  context.screen.pairs([
    ...Object.entries(rest).map(([field, value]) => [field, spaced(value)] as const),
    ...(example_input === null ? [] : [["example_input", spaced(example_input)] as const]),
    ["digest", digest],
  ]);
  for (const [at, step] of steps.entries()) {
    context.screen.section(`Step ${at + 1}`);
    for (const [part, value] of Object.entries(step)) {
      const text = spaced(value);
      if (text.includes("\n")) context.screen.code(part, text);
      else context.screen.pairs([[part, text]]);
    }
  }
  context.screen.next(
    [`review try ${publisher}/${name}`, "runs it"],
    [`review approve ${publisher}/${name} --digest ${digest}`, "approves this version"],
  );
}
