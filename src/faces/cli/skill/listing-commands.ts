import type { Command } from "commander";
import type { InvocationView } from "../../../services/invocations/invocation-view.ts";
import type { SkillDetail, SkillListing } from "../../../services/skills/skill-view.ts";
import { type CliContext, printJson } from "../context.ts";
import { counted, wholeNumber } from "../numbers.ts";
import { listAll } from "../pages.ts";
import { painted } from "../terminal/painted.ts";
import type { Words } from "../terminal/screen.ts";
import { spaced } from "../terminal/spaced.ts";

interface Asked {
  readonly json?: boolean;
}

interface LogsAsked extends Asked {
  readonly failed?: boolean;
  readonly limit: number;
}

/** Commands about skills that are published. */
export function addListingCommands(skill: Command, context: CliContext): void {
  skill
    .command("list")
    .description("your skills, newest first")
    .option("--json", "print JSON")
    .action(async ({ json }: Asked) => {
      const items = await listAll<SkillListing>(context, "stack_list_my_skills");
      if (json) return printJson(context, items);
      if (items.length === 0)
        context.screen.say("You have no skills yet. `stack-mcp skill init <folder>` begins one.");
      for (const one of items) context.screen.entry(...lineOf(one));
    });
  skill
    .command("show")
    .description("one skill, with its schemas")
    .argument("<skill>", "id, name or publisher/name")
    .option("--json", "print JSON")
    .action(async (name: string, { json }: Asked) => {
      const shown = (await context.call("stack_get_skill", {
        skill_id: name,
      })) as unknown as SkillDetail;
      if (json) return printJson(context, shown);
      printDetail(context, shown);
    });
  skill
    .command("logs")
    .description("the last runs of a skill of yours, with status and place of each failure")
    .argument("<skill>", "id or name")
    .option("--failed", "only failed runs")
    .option("--limit <runs>", "how many", wholeNumber(1, 100), 20)
    .option("--json", "print JSON")
    .action(async (name: string, { failed, limit, json }: LogsAsked) => {
      const { id } = await context.call("stack_get_skill", { skill_id: name });
      const filter = { skill_id: id, status: failed ? "failed" : undefined };
      const items = await listAll<InvocationView>(context, "stack_list_sales", filter, limit);
      if (json) return printJson(context, items);
      if (items.length === 0) context.screen.say("No runs.");
      for (const run of items) context.screen.entry(...runLine(run));
    });
  skill
    .command("unlist")
    .description("take a skill out of the listings; buyers with its id can still use it")
    .argument("<skill>", "id or name")
    .action(async (name: string) => {
      await context.call("stack_unlist_skill", { skill_id: name });
      context.screen.say(
        `${name} is unlisted. \`stack-mcp skill activate ${name}\` lists it again.`,
      );
    });
  skill
    .command("activate")
    .description("offer an unlisted or suspended skill again")
    .argument("<skill>", "id or name")
    .action(async (name: string) => {
      const { status } = await context.call("stack_activate_skill", { skill_id: name });
      context.screen.say(
        `${name} is ${status}${status === "pending_review" ? ": it waits for review by the host" : ""}.`,
      );
    });
}

function lineOf(skill: SkillListing): Words[] {
  const price = skill.price_per_invocation === 0 ? "free" : `${skill.price_per_invocation} cents`;
  const rating = skill.average_rating === null ? "" : `, rated ${skill.average_rating}`;
  const about = `${skill.status}, ${price}, ${counted(skill.invocation_count, "run")}${rating}`;
  return [`${skill.name} ${skill.version}`, about, skill.id];
}

function printDetail(context: CliContext, skill: SkillDetail): void {
  context.screen.title(`${skill.publisher}/${skill.name} ${skill.version}`);
  context.screen.say(`  ${skill.description}\n`);
  context.screen.pairs([
    ["id", skill.id],
    ["status", skill.status],
    ...(skill.rejection_reason === undefined
      ? []
      : [["rejected", skill.rejection_reason] as const]),
    ["mode", skill.execution_mode],
    ["price", `${skill.price_per_invocation} cents`],
    ["trust", skill.trust_level_required],
    ["runs", String(skill.invocation_count)],
    ["input", spaced(skill.input_schema)],
    ["output", spaced(skill.output_schema)],
    ...(skill.example_input === undefined
      ? []
      : [["example", spaced(skill.example_input)] as const]),
    ...Object.entries(skill.refusals ?? {}).map(
      ([code, sentence]) => ["refuses", `${code}: ${sentence}`] as const,
    ),
    ["digest", skill.digest],
  ]);
}

function runLine(run: InvocationView): Words[] {
  const { error } = run;
  const step = error?.step === undefined ? "" : `, step ${error.step}`;
  const line = error?.line === undefined ? "" : `, line ${error.line}`;
  const refusal = error?.details === undefined ? "" : ` (${error.details.refusal.code})`;
  const ended = error === undefined ? run.status : `${error.code}${refusal}${step}${line}`;
  const took = run.usage === undefined ? [] : [`${run.usage.wall_ms} ms`];
  const earned = run.earned_cents === undefined ? [] : [`${run.earned_cents} cents earned`];
  const reason = error?.reason === undefined ? "" : `: ${error.reason}`;
  return [
    run.created_at,
    run.version,
    painted(run.status, `${ended}${reason}`),
    ...took,
    ...earned,
    run.id,
  ];
}
