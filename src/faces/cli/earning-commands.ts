import { type Command, Option } from "commander";
import type { InvocationView } from "../../services/invocations/invocation-view.ts";
import type { SkillListing } from "../../services/skills/skill-view.ts";
import { type CliContext, printJson } from "./context.ts";
import { counted, wholeNumber } from "./numbers.ts";
import { listAll } from "./pages.ts";
import { painted } from "./terminal/painted.ts";

interface Earnings {
  readonly earned_cents: number;
  readonly unpaid_cents: number;
  readonly in_transit_cents: number;
  readonly paid_out_cents: number;
  readonly next_payout: {
    readonly date: string;
    readonly amount_cents: number;
    readonly minimum_cents: number;
  };
  readonly skills: readonly {
    readonly name: string;
    readonly invocations: number;
    readonly earned_cents: number;
  }[];
}

interface SalesAsked {
  readonly skill?: string;
  readonly limit: number;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** Money that skills bring in. */
export function addEarningCommands(program: Command, context: CliContext): void {
  program
    .command("earnings")
    .description("earnings of your skills, payouts, and the next payout")
    .option("--json", "print JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const earnings = (await context.call("stack_get_earnings", {})) as unknown as Earnings;
      if (json) return printJson(context, earnings);
      const { next_payout: next } = earnings;
      context.screen.pairs([
        ["earned", `${earnings.earned_cents} cents`],
        ["paid out", `${earnings.paid_out_cents} cents, ${earnings.in_transit_cents} on their way`],
        ["not yet", `${earnings.unpaid_cents} cents`],
        [
          "next",
          `${next.amount_cents} cents on ${next.date.slice(0, 10)}; ${next.minimum_cents} is the minimum`,
        ],
      ]);
      if (earnings.skills.length > 0) context.screen.section("Skills");
      context.screen.pairs(
        earnings.skills.map(({ name, invocations, earned_cents }) => [
          name,
          `${earned_cents} cents in ${counted(invocations, "run")}`,
        ]),
      );
    });
  program
    .command("sales")
    .description("runs of your skills, newest first")
    .option("--skill <skill>", "only this skill, by id or name")
    .option("--limit <runs>", "how many at most", wholeNumber(1, 100_000), 100)
    .option("--csv", "print CSV")
    .addOption(new Option("--json", "print JSON").conflicts("csv"))
    .action(async ({ skill, limit, csv, json }: SalesAsked) => {
      const named =
        skill === undefined
          ? undefined
          : await context.call("stack_get_skill", { skill_id: skill });
      const about = named === undefined ? {} : { skill_id: named.id };
      const sales = await listAll<InvocationView>(context, "stack_list_sales", about, limit);
      if (json) return printJson(context, sales);
      if (csv) return context.print([COLUMNS, ...sales.map(cellsOf)].map(csvLine).join("\r\n"));
      if (sales.length === 0) return context.screen.say("No sales yet.");
      const skills = await listAll<SkillListing>(context, "stack_list_my_skills");
      const names = new Map(skills.map(({ id, name }) => [id, name]));
      for (const sale of sales)
        context.screen.entry(
          sale.created_at,
          painted(
            sale.status,
            sale.error === undefined ? sale.status : `${sale.status} (${sale.error.code})`,
          ),
          `${sale.earned_cents ?? 0} cents`,
          `${names.get(sale.skill_id) ?? sale.skill_id} ${sale.version}`,
          sale.id,
        );
    });
}

const COLUMNS = [
  "id",
  "skill_id",
  "version",
  "status",
  "verdict",
  "created_at",
  "completed_at",
  "earned_cents",
  "commission_cents",
];

function cellsOf(sale: InvocationView): string[] {
  return [
    sale.id,
    sale.skill_id,
    sale.version,
    sale.status,
    sale.error?.code ?? "",
    sale.created_at,
    sale.completed_at ?? "",
    String(sale.earned_cents ?? 0),
    String(sale.commission_cents ?? 0),
  ];
}

/**
 * RFC 4180. No cell begins as a formula would: all of them are ids, numbers, times and words of
 * ours.
 */
function csvLine(cells: readonly string[]): string {
  return cells
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}
