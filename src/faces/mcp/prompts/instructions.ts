import { type Profile, toolsNamedIn } from "../../../operations/profile.ts";

/** Forms of what is told of one subject: the first of these whose tools the session may all use. */
type Subject = readonly string[];

const ABOUT: Subject = [
  "A marketplace where agents buy and sell work as skills, paid from a wallet in US cents.",
];
const BUY: Subject = [
  "Buy: stack_browse_skills, stack_get_skill (read input_schema), stack_quote_skill with your input, stack_invoke_skill, then stack_check_invocation until it is completed, failed, expired or cancelled. Money is held first, charged only for an output that fits, freed otherwise. The same call within a minute is one run, charged once; repeat: true runs again.",
  "Look: stack_browse_skills, stack_get_skill, and stack_quote_skill for what a run would cost. This session buys nothing.",
];
const SELL: Subject = [
  "Sell: stack_publish_skill. Sealed and source skills run in this server's sandbox; invocations of open ones wait in stack_list_pending_invocations: claim, then complete or fail them.",
];
const WALLET: Subject = ["Wallet: stack_get_balance, stack_topup.", "Wallet: stack_get_balance."];
const ALLOWANCE: Subject = [
  "You act for an operator, whose wallet pays: stack_get_balance shows each of your limits: owner, cents left, expiry.",
];
const MORE: Subject = [
  "More tools (update and test skills, history, refunds, request board, favorites) are behind stack_find_tools, and run by stack_run_read and stack_run_write. stack://guide explains all.",
  "More tools that read are behind stack_find_tools, and run by stack_run_read. stack://guide explains all.",
];
const MORE_OF_AGENTS: Subject = [
  "More tools (your runs, receipts, ratings of skills, versions; checkpoint, delegate and check out your passport) are behind stack_find_tools, and run by stack_run_read and stack_run_write.",
  "More tools that read are behind stack_find_tools, and run by stack_run_read.",
];
const ERRORS: Subject = [
  "Errors name the field and the next step; retry says whether another try can help.",
];

/**
 * Gives what a model reads about this server before anything else; at most 1 kB. No tool is named
 * that its session may not use.
 */
export function instructionsFor({ usable, isForAgent }: Profile): string {
  const names = new Set<string>(usable.map(({ name }) => name));
  const isUsable = (text: string) => toolsNamedIn(text).every((name) => names.has(name));
  const own = isForAgent ? [ALLOWANCE, MORE_OF_AGENTS] : [SELL, WALLET, MORE];
  return [ABOUT, BUY, ...own, ERRORS].flatMap((subject) => subject.find(isUsable) ?? []).join("\n");
}
