import { type Command, InvalidArgumentError, Option } from "commander";
import { PLANS, type Plan } from "../../domain/money.ts";
import { type CliContext, printJson } from "./context.ts";

const CLAIM_TYPES = ["verified_human", "verified_identity"];

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
}

function addCreate(operator: Command, context: CliContext): void {
  operator
    .command("create")
    .description("make an operator and its key, which is shown this once")
    .argument("<name>", "2 to 64 of a-z, 0-9 and inner hyphens")
    .option("--fund <cents>", "play money to start with", wholeCents, 0)
    .addOption(
      new Option("--claim <type>", "a trust claim (may be given again)")
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
      context.screen.say("\nKeep the key: it is not shown again. Give it to a client as STACK_API_KEY.");
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
        context.screen.title(`${one.name} (${one.operator_id})${one.is_local ? ", used when no key is given" : ""}`);
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
      context.screen.say(`${funded.operator_id} can now spend ${funded.balance_cents} cents.`);
    });
}

function wholeCents(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of cents, at most 9 digits.");
  return Number(text);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  if (!CLAIM_TYPES.includes(value)) throw new InvalidArgumentError(`It must be one of ${CLAIM_TYPES.join(", ")}.`);
  return [...before, value];
}
