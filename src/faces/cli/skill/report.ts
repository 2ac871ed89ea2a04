import type { DraftReport, DraftStep } from "../../../services/invocations/run/draft-report.ts";
import type { Json } from "../../../shared/json.ts";
import { cut } from "../../../shared/text.ts";
import type { CliContext } from "../context.ts";
import { bad, doubtful, good } from "../terminal/screen.ts";

const OUTPUT_CHARS = 400;

/** Prints what a draft did, step by step. */
export function printReport(context: CliContext, report: DraftReport): void {
  for (const step of report.steps) printStep(context, step);
  if (report.error && report.steps.length === 0)
    context.screen.say(`failed: ${report.error.message}`);
  for (const { path, message } of report.misfits)
    context.screen.say(`The output does not fit output_schema: ${path} ${message}`);
  for (const warning of report.warnings ?? []) context.screen.say([doubtful("warning: "), warning]);
  const made = report.stand_in ? " (a model step was answered by the stand-in)" : "";
  const failed =
    report.error?.code === "refused" ? "It refuses this input" : "It does not work yet";
  context.screen.say(["\n", report.ok ? good(`It works${made}.`) : bad(`${failed}${made}.`)]);
  if (!report.ok) return;
  context.screen.say(
    `A paid run like this is charged ${report.compute_cents} of at most ${report.reserve_cents} cents for compute.`,
  );
}

/** `wall 16 ms`, `peak 12 MB`, `fetch calls 0`. */
function usageText(key: string, value: number | string): string {
  const [, name = key, unit] = /^(.*)_(ms|mb)$/.exec(key) ?? [];
  const amount = unit === undefined ? value : `${value} ${unit === "mb" ? "MB" : unit}`;
  return `${name.replaceAll("_", " ")} ${amount}`;
}

function printStep(context: CliContext, step: DraftStep): void {
  const name = step.label === undefined ? step.type : `${step.type} "${step.label}"`;
  const usage = Object.entries(step.usage ?? {}).map(([key, value]) => usageText(key, value));
  context.screen.entry(
    `step ${step.step}`,
    name,
    step.ok ? good("ok") : bad("FAILED"),
    usage.join(", "),
  );
  for (const printed of step.printed ?? []) context.screen.say(`        | ${printed}`);
  if (step.error?.details) {
    const { code, sentence } = step.error.details.refusal;
    context.screen.say(`        refused ${code}: ${sentence}`);
  } else if (step.error) {
    const line = step.error.line === undefined ? "" : `line ${step.error.line}: `;
    context.screen.say(`        ${line}${step.error.reason ?? step.error.message}`);
  } else context.screen.say(`        ${outputText(step)}`);
}

function outputText({ output, output_chars: chars }: DraftStep): string {
  if (chars !== undefined) return `${chars} characters of JSON`;
  const text = JSON.stringify(output as Json);
  return text.length <= OUTPUT_CHARS ? text : `${cut(text, OUTPUT_CHARS)}…`;
}
