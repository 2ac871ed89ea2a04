import { type Command, Option } from "commander";
import { INVOCATION_STATUSES, type InvocationStatus } from "../../domain/runs/invocation.ts";
import type { DayReport } from "../../services/host/report-service.ts";
import { type CliContext, printJson } from "./context.ts";
import { wholeNumber } from "./numbers.ts";
import { painted } from "./terminal/painted.ts";
import { bad, good } from "./terminal/screen.ts";

interface RunsAsked {
  readonly operator?: string;
  readonly status?: InvocationStatus;
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds a host's commands across all operators. */
export function addReportCommands(program: Command, context: CliContext): void {
  program
    .command("report")
    .description("a UTC day across all operators: runs, money, failures, and what waits now")
    .option("--day <day>", "today, yesterday or a date such as 2026-05-01", "yesterday")
    .option("--json", "print JSON")
    .action(async ({ day, json }: { readonly day: string; readonly json?: boolean }) => {
      const report = await context.withServices((services) => services.reports.ofDay(day));
      if (json) return printJson(context, report);
      printReport(context, report);
    });
  program
    .command("invocations")
    .description("runs of all operators")
    .command("list")
    .description("the last runs, newest first, with buyer, publisher and status")
    .option("--operator <operator>", "bought or sold by this operator; id or name")
    .addOption(
      new Option("--status <status>", "only runs with this status").choices(INVOCATION_STATUSES),
    )
    .option("--limit <runs>", "how many", wholeNumber(1, 10_000), 20)
    .option("--json", "print JSON")
    .action(async ({ json, ...asked }: RunsAsked) => {
      const runs = await context.withServices((services) => services.reports.runs(asked));
      if (json) return printJson(context, runs);
      if (runs.length === 0) context.screen.say("No runs.");
      for (const run of runs) {
        const ended = run.verdict === null ? run.status : `${run.status} (${run.verdict})`;
        const who = `${run.buyer} → ${run.publisher}/${run.skill}`;
        const state = painted(run.status, ended);
        context.screen.entry(run.created_at, who, state, `price ${run.price_cents} cents`, run.id);
      }
    });
}

function printReport(context: CliContext, report: DayReport): void {
  const {
    invocations,
    turnover,
    topups,
    refunds,
    payouts,
    newcomers,
    waiting,
    ledger_problems: problems,
  } = report;
  context.screen.title(`${report.day} (UTC)`);
  context.screen.section("Runs");
  context.screen.pairs([
    ["begun", String(invocations.begun)],
    ...invocations.ended.map(
      ({ status, verdict, count }) =>
        [verdict === null ? status : `${status}: ${verdict}`, String(count)] as const,
    ),
    ["buyers", String(turnover.buyers)],
    ["publishers", String(turnover.publishers)],
  ]);
  context.screen.section("Money");
  const moved = ({ count, cents }: DayReport["topups"]) => `${dollars(cents)} in ${count}`;
  context.screen.pairs([
    ["prices", dollars(turnover.price_cents)],
    ["commission", dollars(turnover.commission_cents)],
    ["compute", dollars(turnover.compute_cents)],
    ["calls", dollars(turnover.service_cents)],
    ["top-ups", moved(topups)],
    ["refunds", moved(refunds)],
    ["payouts", moved(payouts)],
  ]);
  context.screen.section("New");
  context.screen.pairs([
    ["operators", String(newcomers.operators)],
    ["skills", String(newcomers.skills)],
  ]);
  context.screen.section("Waiting now");
  context.screen.pairs([
    ["work", String(waiting.pending)],
    ["approvals", String(waiting.approvals)],
    ["reviews", String(waiting.reviews)],
    ["payouts", String(waiting.unpaid_payouts)],
    [
      "ledger",
      problems.length === 0
        ? good("sound")
        : bad(`${problems.length} problems: \`stack-mcp ledger verify\` names them`),
    ],
  ]);
}

function dollars(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}
