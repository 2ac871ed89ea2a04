import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { PLANS, type Plan } from "../../domain/money/money.ts";
import type { OperatorDetail } from "../../services/operators/operator-admin-service.ts";
import type { Services } from "../../services/services.ts";
import { DomainError } from "../../shared/errors.ts";
import { type CliContext, printJson } from "./context.ts";
import { counted } from "./numbers.ts";
import { bad, good } from "./terminal/screen.ts";

const CLAIM_TYPES = ["verified_human", "verified_identity"];

interface Asked {
  readonly json?: boolean;
}

interface CreateOptions {
  readonly fund: number;
  readonly claim: readonly string[];
  readonly plan: Plan;
  readonly json?: boolean;
}

export function addOperatorCommands(program: Command, context: CliContext): void {
  const operator = program.command("operator").description("operators of this data folder");
  addCreate(operator, context);
  addList(operator, context);
  addFund(operator, context);
  addAdmin(operator, context);
  addLeave(operator, context);
}

function addCreate(operator: Command, context: CliContext): void {
  operator
    .command("create")
    .description("make an operator and print its key, which is not shown again")
    .argument("<name>", "2 to 64 of a-z, 0-9 and inner hyphens")
    .option("--fund <cents>", "play money to start with", wholeCents, 0)
    .addOption(
      new Option("--claim <type>", "a trust claim (repeatable)")
        .choices(CLAIM_TYPES)
        .argParser(collect)
        .default([]),
    )
    .addOption(new Option("--plan <plan>", "decides the commission").choices(PLANS).default("free"))
    .option("--json", "print JSON")
    .action(async (name: string, options: CreateOptions) => {
      const { fund: fundCents, claim: claimTypes, plan } = options;
      const created = await context.withServices((services) =>
        services.operators.create({ name, plan, fundCents, claimTypes }),
      );
      if (options.json) return printJson(context, created);
      context.screen.pairs([
        ["operator", `${created.name} (${created.operator_id})`],
        ["plan", created.plan],
        ["balance", `${created.balance_cents} cents`],
        ["API key", created.api_key],
      ]);
      context.screen.say(
        "\nKeep the key: it is not shown again. Give it to a client as STACK_API_KEY.",
      );
    });
}

function addList(operator: Command, context: CliContext): void {
  operator
    .command("list")
    .description("all operators with their wallets")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const operators = await context.withServices((services) => services.operators.list());
      if (options.json) return printJson(context, operators);
      for (const one of operators) {
        const local = one.is_local ? ", used when no key is given" : "";
        const state = one.status === "active" ? "" : `, ${one.status}`;
        context.screen.title(`${one.name} (${one.operator_id})${local}${state}`);
        context.screen.pairs([
          ["plan", one.plan],
          ["balance", `${one.balance_cents} cents, ${one.held_cents} held`],
          ["earnings", `${one.earnings_cents} cents`],
        ]);
      }
    });
}

function addFund(operator: Command, context: CliContext): void {
  operator
    .command("fund")
    .description("add play money to a wallet")
    .argument("<operator>", "id or name")
    .argument("<cents>", "how much", wholeCents)
    .option("--json", "print JSON")
    .action(async (name: string, cents: number, options: { readonly json?: boolean }) => {
      const funded = await context.withServices((services) => services.operators.fund(name, cents));
      if (options.json) return printJson(context, funded);
      context.screen.say(`${name} can now spend ${funded.balance_cents} cents.`);
    });
}

/** Commands of a host about one operator. */
function addAdmin(operator: Command, context: CliContext): void {
  const about = (name: string, description: string) =>
    operator
      .command(name)
      .description(description)
      .argument("<operator>", "id or name")
      .option("--json", "print JSON");
  const change = async (
    work: (admin: Services["operatorAdmin"]) => Promise<OperatorDetail>,
    { json }: Asked,
  ) => {
    const detail = await context.withServices((services) => work(services.operatorAdmin));
    if (json) printJson(context, detail);
    else printDetail(context, detail);
  };
  about("show", "show one operator: its money, and counts of what it has").action(
    (name: string, asked: Asked) => change((its) => its.show(name), asked),
  );
  about("suspend", "refuse every call in its name, and take its skills off the market").action(
    (name: string, asked: Asked) => change((its) => its.suspend(name), asked),
  );
  about("resume", "accept its calls again, and offer its skills as before").action(
    (name: string, asked: Asked) => change((its) => its.resume(name), asked),
  );
  about("rename", "rename an operator; its skills are found by the new name")
    .argument("<name>", "2 to 64 of a-z, 0-9 and inner hyphens")
    .action((name: string, wanted: string, asked: Asked) =>
      change((its) => its.rename(name, wanted), asked),
    );
  about("plan", "give it a plan, free of charge and without end")
    .addArgument(new Argument("<plan>", "decides the commission and limits").choices(PLANS))
    .action((name: string, plan: Plan, asked: Asked) =>
      change((its) => its.givePlan(name, plan), asked),
    );
}

function addLeave(operator: Command, context: CliContext): void {
  operator
    .command("export")
    .description(
      "export all data of one operator as JSON, contents in clear, without keys and secrets",
    )
    .argument("<operator>", "id or name")
    .action((name: string) =>
      context.withServices(async ({ operatorExport }) => {
        for await (const piece of operatorExport.export(name)) context.write(piece);
      }),
    );
  operator
    .command("delete")
    .description(
      "end its rights, and erase its name and its texts; amounts and its audit chain stay",
    )
    .argument("<operator>", "id or name")
    .option("--leave-money", "leave its money in the books, without an owner")
    .option("--yes", "confirm: a deletion cannot be undone")
    .option("--json", "print JSON")
    .action(async (name: string, { yes, leaveMoney, json }: DeleteAsked) => {
      if (yes !== true)
        throw notMeant(await context.withServices((its) => its.operatorAdmin.show(name)));
      const gone = await context.withServices((its) =>
        its.operatorRemoval.delete(name, leaveMoney === true),
      );
      if (json) return printJson(context, gone);
      context.screen.say(
        `${name} (${gone.operator_id}) is deleted, with the content of ${counted(gone.erased, "run")}.`,
      );
      context.screen.say("Its audit chain and the amounts stay. Backups keep what they have.");
    });
}

interface DeleteAsked extends Asked {
  readonly yes?: boolean;
  readonly leaveMoney?: boolean;
}

function notMeant({ name, operator_id: id, status }: OperatorDetail): DomainError {
  const message = `This would delete ${name} (${id}, ${status}), and a deletion cannot be undone: repeat the command with --yes.`;
  return new DomainError("INVALID_REQUEST", message);
}

function printDetail(context: CliContext, detail: OperatorDetail): void {
  context.screen.title(`${detail.name} (${detail.operator_id})`);
  context.screen.pairs([
    ["status", detail.status === "active" ? good("active") : bad(detail.status)],
    [
      "plan",
      detail.plan_until === undefined ? detail.plan : `${detail.plan} until ${detail.plan_until}`,
    ],
    ["balance", `${detail.balance_cents} cents, ${detail.held_cents} held`],
    ["earnings", `${detail.earnings_cents} cents`],
    ["claims", detail.claims.length === 0 ? "none" : detail.claims.join(", ")],
    [
      "has",
      `${counted(detail.keys, "key")}, ${counted(detail.agents, "agent")}, ${counted(detail.passports, "passport")}`,
    ],
    [
      "offers",
      `${counted(detail.skills, "skill")}; ${counted(detail.connections, "service")} connected`,
    ],
    ["runs", `${detail.bought} bought, ${detail.sold} sold, ${detail.open} not over`],
    ["since", detail.created_at],
    ["last entry", `${detail.last_action_at ?? "none"} in its audit log`],
  ]);
}

function wholeCents(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number of cents, at most 9 digits.");
  return Number(text);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  if (!CLAIM_TYPES.includes(value))
    throw new InvalidArgumentError(`It must be one of ${CLAIM_TYPES.join(", ")}.`);
  return [...before, value];
}
