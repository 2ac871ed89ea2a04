import type { DraftReport } from "../../../services/invocations/run/draft-report.ts";
import type { PublishedSkill } from "../../../services/skills/publish-service.ts";
import type { SkillListing } from "../../../services/skills/skill-view.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { JsonObject } from "../../../shared/json.ts";
import type { CliContext } from "../context.ts";
import { listAll } from "../pages.ts";
import { doubtful } from "../terminal/screen.ts";
import type { DraftFile } from "./draft-file.ts";
import { printReport } from "./report.ts";

interface Quote {
  readonly price_cents: number;
  readonly reserve_cents: number;
  readonly service_reserve_cents: number;
  readonly hold_cents: number;
}

interface Published {
  readonly verb: "published" | "updated" | "unchanged";
  readonly skill: PublishedSkill;
  readonly changes: readonly string[];
}

/**
 * Runs the draft's example first, if the server can run it. Returns false for a failed example:
 * such a draft is published only with --untested.
 */
export async function exampleWorks(
  context: CliContext,
  { draft, example }: DraftFile,
): Promise<boolean> {
  const isOpen = draft.execution_steps === undefined || draft.execution_mode === "open";
  if (example === undefined || isOpen) return true;
  const report = (await context.call("stack_test_skill", {
    ...draft,
    input: example,
  })) as unknown as DraftReport;
  if (report.ok) return true;
  printReport(context, report);
  return false;
}

/**
 * Publishes a draft, or updates the skill of this name with it, and reports the changes.
 */
export async function publishOrUpdate(
  context: CliContext,
  { draft, example }: DraftFile,
): Promise<Published> {
  const whole: JsonObject = {
    ...draft,
    ...(example === undefined ? {} : { example_input: example }),
  };
  const mine = await listAll<SkillListing>(context, "stack_list_my_skills");
  const id = mine.find(({ name }) => name === draft.name)?.id;
  if (id === undefined) {
    return {
      verb: "published",
      skill: shown(await context.call("stack_publish_skill", whole)),
      changes: [],
    };
  }
  const before = shown(await context.call("stack_get_skill", { skill_id: id }));
  const { name: _, ...change } = whole;
  const after = shown(await context.call("stack_update_skill", { ...change, skill_id: id }));
  const changes = changesBetween(before, after);
  return { verb: changes.length === 0 ? "unchanged" : "updated", skill: after, changes };
}

export async function printPublished(
  context: CliContext,
  { verb, skill, changes }: Published,
  example?: JsonObject,
) {
  context.screen.say(
    `${verb} ${skill.publisher}/${skill.name} ${skill.version} (${skill.id}), ${skill.status}.`,
  );
  for (const change of changes) context.screen.say(`  ${change}`);
  for (const warning of skill.warnings ?? [])
    context.screen.say(["  ", doubtful("warning: "), warning]);
  if (skill.status === "pending_review") {
    return context.screen.say(
      "  It waits for review by the host of this server: nobody can buy it before.",
    );
  }
  if (skill.status !== "active") {
    return context.screen.say(
      `  No listing shows it: \`stack-mcp skill activate ${skill.name}\` offers it.`,
    );
  }
  const request = { skill_id: skill.id, input: example };
  context.screen.say(
    `  ${holdNote((await context.call("stack_quote_skill", request)) as unknown as Quote)}`,
  );
}

const TOLD = [
  "version",
  "price_per_invocation",
  "description",
  "execution_mode",
  "trust_level_required",
] as const;
const NAMED = [
  "input_schema",
  "output_schema",
  "execution_steps",
  "example_input",
  "refusals",
  "tags",
  "egress",
] as const;

function changesBetween(before: PublishedSkill, after: PublishedSkill): string[] {
  const isSame = (field: keyof PublishedSkill) =>
    JSON.stringify(before[field]) === JSON.stringify(after[field]);
  const told = TOLD.filter((field) => !isSame(field)).map((field) =>
    field === "description" ? "description" : `${field} ${before[field]} → ${after[field]}`,
  );
  return [...told, ...NAMED.filter((field) => !isSame(field))];
}

function holdNote({
  price_cents,
  reserve_cents,
  service_reserve_cents: calls,
  hold_cents,
}: Quote): string {
  if (hold_cents === 0) return "A buyer pays nothing.";
  const parts = [
    `the price of ${price_cents}`,
    ...(reserve_cents === 0 ? [] : [`at most ${reserve_cents} for compute`]),
    ...(calls === 0 ? [] : [`at most ${calls} for calls with your credentials`]),
  ];
  return `A buyer will hold ${hold_cents} cents: ${parts.join(", ")}.`;
}

function shown(value: Record<string, unknown>): PublishedSkill {
  return value as unknown as PublishedSkill;
}

export function notPublished(): DomainError {
  return new DomainError(
    "INVALID_REQUEST",
    "The draft's example fails, so the draft is not published. Correct the draft, or publish it anyway with --untested.",
  );
}
