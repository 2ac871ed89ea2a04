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
    "Around purchases: history, receipts, approvals, ratings, favorites, and the board of wishes.",
  wallet: "Money: transactions, refunds, plans, payouts.",
  agents:
    "Agents that act for you: what they may do, what they may spend, the key by which they are known.",
  passports: "Short-lived rights for agents: issue, hand on, report, check out, revoke.",
  identity: "Claims that a provider vouches for; they open skills that ask for trust.",
  audit: "The hash-chained log of what was done: query it, check it, keep its end elsewhere.",
  services: "Services that skills call with your secrets, which nobody is shown.",
  admin: "For whoever runs the server: skills that wait for review.",
};
