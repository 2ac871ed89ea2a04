export const TOOLSETS = [
  "core",
  "publish",
  "market",
  "wallet",
  "agents",
  "passports",
  "identity",
  "audit",
  "services",
  "admin",
] as const;
export type Toolset = (typeof TOOLSETS)[number];

/** The use of each toolset, in one sentence, for people who read a list of them. */
export const TOOLSET_WORDS: Readonly<Record<Toolset, string>> = {
  core: "Buy and sell: find a skill, ask what it costs, run it, offer one, pay for it.",
  publish: "Write skills: try drafts, change what is published, see how it does and what it earns.",
  market:
    "Around purchases: history, receipts, approvals, ratings, favorites, and the request board.",
  wallet: "Money: transactions, refunds, plans, payouts.",
  agents: "Agents that act for you: what they may do, what they may spend, and their keys.",
  passports: "Short-lived rights for agents: issue, delegate, report, check out, revoke.",
  identity: "Claims that a provider vouches for; they open skills that ask for trust.",
  audit: "The hash-chained audit log: query it, verify it, keep its checkpoints elsewhere.",
  services: "Services that skills call with your secrets; the secrets are never shown.",
  admin: "For the server's host: skills that wait for review.",
};
