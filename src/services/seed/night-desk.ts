import type { SeedSkill } from "./seed-skill.ts";

/** Work by hand: whoever holds this publisher's key claims and completes it. */
export const NIGHT_DESK: readonly SeedSkill[] = [
  {
    name: "translate-by-hand",
    description: "A person translates a short text, usually within half an hour.",
    tags: ["translation", "human"],
    execution_mode: "open",
    price_per_invocation: 120,
    input_schema: {
      type: "object",
      properties: { text: { type: "string", maxLength: 2000 }, target_language: { type: "string", maxLength: 35 } },
      required: ["text", "target_language"],
    },
    output_schema: {
      type: "object",
      properties: { translated_text: { type: "string" }, detected_source: { type: "string" } },
      required: ["translated_text"],
    },
  },
  {
    name: "review-contract",
    description: "A person reads a contract and lists what a careful reader would ask about. For verified humans.",
    tags: ["legal", "human"],
    execution_mode: "open",
    trust_level_required: "L1",
    price_per_invocation: 2500,
    invocation_ttl_seconds: 86400,
    input_schema: {
      type: "object",
      properties: { contract: { type: "string", maxLength: 200000 } },
      required: ["contract"],
    },
    output_schema: {
      type: "object",
      properties: { questions: { type: "array", items: { type: "string" } } },
      required: ["questions"],
    },
  },
];
