import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { asStarted } from "../../../shared/as-started.ts";
import type { Session } from "../session.ts";

const goal = z.object({
  goal: z.string().max(500).optional().describe("What you want to get done"),
});
const work = z.object({
  work: z.string().max(500).optional().describe("What the skill should do"),
});

interface Found {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price_per_invocation: number;
  readonly input_schema?: unknown;
  readonly example_input?: unknown;
}

export function registerPrompts(mcp: McpServer, session: Session): void {
  mcp.registerPrompt(
    "quickstart",
    {
      title: "Quickstart",
      description: "Buy one piece of work from this marketplace, with real ids from it",
      argsSchema: goal,
    },
    async (given) => asked(await quickstart(session, given.goal)),
  );
  mcp.registerPrompt(
    "publish-a-skill",
    {
      title: "Publish a skill",
      description: "Write a skill, try it on an example, and offer it to others",
      argsSchema: work,
    },
    async (given) => asked(publishing(given.work)),
  );
}

const EMPTY =
  "This marketplace has no skills yet. Tell me to run `stack-mcp seed` on this machine to fill it with examples, " +
  "or help me publish one: read stack://guide, draft a skill, try it with stack_test_skill " +
  "and offer it with stack_publish_skill.";

function asked(text: string) {
  return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}

async function quickstart(session: Session, wish: string | undefined): Promise<string> {
  const skills = await firstFound(session, [
    ...(wish === undefined ? [] : [{ search: wish }]),
    ...EASY,
  ]);
  const [first] = skills ?? [];
  if (!first) {
    const tried = await session.read("stack_browse_skills", {});
    if (!tried.ok)
      return `The marketplace cannot be used now. Tell me this and help me mend it: ${tried.error.message}`;
    return asStarted(EMPTY);
  }
  const skill = await session.read("stack_get_skill", { skill_id: first.id });
  const example = skill.ok ? skill.value.example_input : undefined;
  const shown = example === undefined ? "" : `, for example ${JSON.stringify(example)}`;
  const schema = skill.ok ? JSON.stringify(skill.value.input_schema) : "in stack_get_skill";
  const others = (skills ?? []).slice(1).map((one) => `${one.name} (${one.id}, ${priceOf(one)})`);
  return [
    wish === undefined
      ? "Show me how this marketplace works by buying one piece of work."
      : `Get this done here: ${wish}`,
    `1. Look at ${first.name} (${first.id}, ${priceOf(first)}): ${first.description}`,
    ...(others.length > 0
      ? [`   Others: ${others.join(", ")}. stack_browse_skills finds more.`]
      : []),
    `2. Make an input that fits its input_schema: ${schema}${shown}`,
    `3. Call stack_quote_skill with {"skill_id":"${first.id}","input":…} and tell me what would be held.`,
    `4. Call stack_invoke_skill with the same, an idempotency_key and max_charge_cents. While it is pending or processing, ask stack_check_invocation.`,
    "5. Show me the output and what was charged, and offer to rate it with stack_rate_skill.",
  ].join("\n");
}

/** The skills that suit a first purchase: run at once, for anybody, for little. */
const EASY = [
  { execution_mode: "sealed", trust_level: "L0", sort: "price", free: false },
  { execution_mode: "source", trust_level: "L0", sort: "price" },
  {},
];

async function firstFound(
  session: Session,
  queries: readonly object[],
): Promise<readonly Found[] | undefined> {
  for (const query of queries) {
    const skills = await found(session, query);
    if (skills) return skills;
  }
  return undefined;
}

async function found(session: Session, query: object): Promise<readonly Found[] | undefined> {
  const outcome = await session.read("stack_browse_skills", { ...query, limit: 3 });
  const items = outcome.ok ? (outcome.value.items as Found[]) : [];
  return items.length > 0 ? items : undefined;
}

function priceOf({ price_per_invocation: price }: Found): string {
  return price === 0 ? "free" : `${price} cents`;
}

function publishing(wish: string | undefined): string {
  return [
    `Help me publish a skill here${wish === undefined ? "" : `: ${wish}`}.`,
    "1. Read stack://guide for the form of a skill. Ask me what it takes, what it gives back and what it costs, if that is not clear.",
    "2. Decide on a mode: sealed (the server runs it, nobody sees inside), source (the same, readable by all) or open (I do the work).",
    "3. Write input_schema and output_schema as narrow as they can be: they are what the buyer is promised, and only an output that fits is paid.",
    "4. Try it: stack_find_tools for stack_test_skill, then stack_run_write with the draft and an example input. Mend it until the output fits.",
    "5. Publish it with stack_publish_skill and show me its id. Buyers find it with stack_browse_skills by name, description and tags.",
  ].join("\n");
}
