import type { Command } from "commander";
import { type CliContext, printJson } from "./context.ts";
import { listAll } from "./pages.ts";

interface Waiting {
  readonly id: string;
  readonly skill_id: string;
  readonly agent_id?: string;
  readonly held_cents: number;
  readonly created_at: string;
  readonly approval?: { readonly expires_at: string };
}

/** Decisions of the operator that the command line acts as. */
export function addApprovalCommands(program: Command, context: CliContext): void {
  const approval = program
    .command("approval")
    .description("purchases of your agents that wait for approval");
  approval
    .command("list")
    .description("list the purchases that wait")
    .option("--json", "print JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const waiting = await waitingOnes(context);
      if (json) return printJson(context, waiting);
      if (waiting.length === 0) context.screen.say("No purchase waits for approval.");
      for (const one of waiting) {
        context.screen.title(one.id);
        context.screen.pairs([
          ["skill", await nameOf(context, one.skill_id)],
          ["agent", one.agent_id ?? "-"],
          ["at most", `${one.held_cents} cents`],
          ["asked at", one.created_at],
          ["open until", one.approval?.expires_at ?? "-"],
        ]);
      }
    });
  addDecision(approval, context, { verb: "approve", done: "approved: it runs now or in its turn" });
  addDecision(approval, context, { verb: "deny", done: "denied: its hold is voided" });
}

function addDecision(
  approval: Command,
  context: CliContext,
  { verb, done }: { verb: string; done: string },
): void {
  approval
    .command(verb)
    .description(
      verb === "approve"
        ? "approve a purchase: it then runs"
        : "deny a purchase: it is cancelled and nothing is charged",
    )
    .argument("<invocation>", "its id, sinv_…")
    .option("--json", "print JSON")
    .action(async (id: string, { json }: { readonly json?: boolean }) => {
      const decided = await context.call(`stack_${verb}_invocation`, { invocation_id: id });
      if (json) return printJson(context, decided);
      context.screen.say(`${id} ${done}.`);
    });
}

async function nameOf(context: CliContext, skillId: string): Promise<string> {
  const { publisher, name } = await context.call("stack_get_skill", { skill_id: skillId });
  return `${publisher}/${name}`;
}

async function waitingOnes(context: CliContext): Promise<Waiting[]> {
  const pending = await listAll<Waiting>(context, "stack_list_my_invocations", {
    status: "pending",
  });
  return pending.filter(({ approval }) => approval !== undefined);
}
