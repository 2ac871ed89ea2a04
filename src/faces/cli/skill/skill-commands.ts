import type { Command } from "commander";
import type { TestedStep, TestReport } from "../../../services/skills/test-service.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { Json, JsonObject } from "../../../shared/json.ts";
import { cut } from "../../../shared/text.ts";
import { type CliContext, printJson } from "../context.ts";
import { objectIn, parseObject, readDraft } from "./draft-file.ts";

interface TestOptions {
  readonly input?: string;
  readonly json?: boolean;
}

const OUTPUT_CHARS = 400;

export function addSkillCommands(program: Command, context: CliContext, ending: (code: number) => void): void {
  const skill = program.command("skill").description("write skills: try a draft, publish it");
  skill
    .command("test")
    .description("run a draft on an example input, unpaid and without storing it; exit code 1 when it does not do")
    .argument("<file>", "JSON of the skill; a step may name a code_file, system_prompt_file or user_message_file")
    .option("--input <json>", "an input, or @file; default: the draft's example_input")
    .option("--json", "print JSON")
    .action(async (file: string, options: TestOptions) => {
      const { draft, example } = readDraft(file);
      const input = options.input === undefined ? (example ?? {}) : inputOf(options.input);
      const report = (await context.call("stack_test_skill", { ...draft, input })) as unknown as TestReport;
      ending(report.ok ? 0 : 1);
      if (options.json) return printJson(context, report);
      printReport(context, report);
    });
  skill
    .command("publish")
    .description("publish a draft, or bring the skill of this name up to date with it")
    .argument("<file>", "JSON of the skill")
    .option("--json", "print JSON")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { draft } = readDraft(file);
      const { verb, skill: published } = await publishOrUpdate(context, draft);
      if (options.json) return printJson(context, published);
      context.print(`${verb} ${published.name} ${published.version} (${published.id}), ${published.status}.`);
    });
}

function inputOf(text: string): JsonObject {
  return text.startsWith("@") ? objectIn(text.slice(1)) : parseObject(text, "--input");
}

async function publishOrUpdate(context: CliContext, draft: JsonObject) {
  try {
    return { verb: "published", skill: await context.call("stack_publish_skill", draft) };
  } catch (error) {
    const taken =
      error instanceof DomainError && error.code === "VERSION_CONFLICT" ? error.details?.skill_id : undefined;
    if (taken === undefined) throw error;
    const { name: _, ...change } = draft;
    return { verb: "updated", skill: await context.call("stack_update_skill", { ...change, skill_id: taken }) };
  }
}

function printReport(context: CliContext, report: TestReport): void {
  for (const step of report.steps) printStep(context, step);
  if (report.error && report.steps.length === 0) context.print(`failed: ${report.error.message}`);
  for (const { path, message } of report.misfits)
    context.print(`The output does not fit output_schema: ${path} ${message}`);
  const made = report.stand_in ? " (a model step was answered by the stand-in)" : "";
  context.print(report.ok ? `\nIt works${made}.` : `\nIt does not work yet${made}.`);
  if (!report.ok) return;
  context.print(
    `A paid run like this is charged ${report.compute_cents} of at most ${report.reserve_cents} cents for compute.`,
  );
}

function printStep(context: CliContext, step: TestedStep): void {
  const name = step.label === undefined ? step.type : `${step.type} "${step.label}"`;
  const usage = Object.entries(step.usage ?? {}).map(([key, value]) => `${key.replace("_", " ")} ${value}`);
  context.print(`step ${step.step}  ${name}  ${step.ok ? "ok" : "FAILED"}  ${usage.join(", ")}`);
  if (step.error) {
    const line = step.error.line === undefined ? "" : `line ${step.error.line}: `;
    context.print(`        ${line}${step.error.reason ?? step.error.message}`);
  } else context.print(`        ${outputText(step)}`);
}

function outputText({ output, output_chars: chars }: TestedStep): string {
  if (chars !== undefined) return `${chars} characters of JSON`;
  const text = JSON.stringify(output as Json);
  return text.length <= OUTPUT_CHARS ? text : `${cut(text, OUTPUT_CHARS)}…`;
}
