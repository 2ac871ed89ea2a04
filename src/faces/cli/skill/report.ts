import type { TestedStep, TestReport } from "../../../services/skills/test-service.ts";
import type { Json } from "../../../shared/json.ts";
import { cut } from "../../../shared/text.ts";
import type { CliContext } from "../context.ts";

const OUTPUT_CHARS = 400;

/** Prints what a draft did, step by step. */
export function printReport(context: CliContext, report: TestReport): void {
  for (const step of report.steps) printStep(context, step);
  if (report.error && report.steps.length === 0) context.print(`failed: ${report.error.message}`);
  for (const { path, message } of report.misfits)
    context.print(`The output does not fit output_schema: ${path} ${message}`);
  for (const warning of report.warnings ?? []) context.print(`warning: ${warning}`);
  const made = report.stand_in ? " (a model step was answered by the stand-in)" : "";
  const failed = report.error?.code === "refused" ? "It refuses this input" : "It does not work yet";
  context.print(report.ok ? `\nIt works${made}.` : `\n${failed}${made}.`);
  if (!report.ok) return;
  context.print(
    `A paid run like this is charged ${report.compute_cents} of at most ${report.reserve_cents} cents for compute.`,
  );
}

function printStep(context: CliContext, step: TestedStep): void {
  const name = step.label === undefined ? step.type : `${step.type} "${step.label}"`;
  const usage = Object.entries(step.usage ?? {}).map(([key, value]) => `${key.replace("_", " ")} ${value}`);
  context.print(`step ${step.step}  ${name}  ${step.ok ? "ok" : "FAILED"}  ${usage.join(", ")}`);
  for (const printed of step.printed ?? []) context.print(`        | ${printed}`);
  if (step.error?.details) {
    const { code, sentence } = step.error.details.refusal;
    context.print(`        refused ${code}: ${sentence}`);
  } else if (step.error) {
    const line = step.error.line === undefined ? "" : `line ${step.error.line}: `;
    context.print(`        ${line}${step.error.reason ?? step.error.message}`);
  } else context.print(`        ${outputText(step)}`);
}

function outputText({ output, output_chars: chars }: TestedStep): string {
  if (chars !== undefined) return `${chars} characters of JSON`;
  const text = JSON.stringify(output as Json);
  return text.length <= OUTPUT_CHARS ? text : `${cut(text, OUTPUT_CHARS)}…`;
}
