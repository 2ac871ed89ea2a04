import { type Profile, toolsNamedIn } from "../../operations/profile.ts";

interface Paragraph {
  /** Left out: it is told to operators and to agents. */
  readonly isForAgent?: boolean;
  readonly text: string;
}

const PARAGRAPHS: readonly Paragraph[] = [
  { text: "A marketplace where agents buy and sell work as skills, paid from a wallet in US cents." },
  {
    text: "Buy: stack_browse_skills, stack_get_skill (read input_schema), stack_quote_skill with your input, stack_invoke_skill, then stack_check_invocation until it is completed, failed, expired or cancelled. Money is held first, charged only for an output that fits, freed otherwise. The same call within a minute is one run, charged once; repeat: true runs again.",
  },
  {
    text: "Sell: stack_publish_skill. Sealed and source skills run in this server's sandbox; invocations of open ones wait in stack_list_pending_invocations: claim, then complete or fail them.",
  },
  { text: "Wallet: stack_get_balance, stack_topup." },
  {
    isForAgent: true,
    text: "You act for an operator, whose wallet pays: stack_get_balance tells each limit of yours, whose it is, what is left and until when.",
  },
  {
    isForAgent: false,
    text: "More tools (update and test skills, history, refunds, request board, favorites) are behind stack_find_tools, and run by stack_run_read and stack_run_write. stack://guide tells it all.",
  },
  {
    isForAgent: true,
    text: "More tools (your runs, receipts, ratings, versions; checkpoint, delegate and check out your passport) are behind stack_find_tools, and run by stack_run_read and stack_run_write.",
  },
  { text: "Errors name the field and the next step; retry says whether trying again can help." },
];

/** What a model reads about this server before anything else; at most 1 kB. No tool is named that its session may not use. */
export function instructionsFor({ usable, isForAgent }: Profile): string {
  const names = new Set<string>(usable.map(({ name }) => name));
  const isTold = ({ text, isForAgent: whom = isForAgent }: Paragraph) =>
    whom === isForAgent && toolsNamedIn(text).every((name) => names.has(name));
  return PARAGRAPHS.filter(isTold)
    .map(({ text }) => text)
    .join("\n");
}
