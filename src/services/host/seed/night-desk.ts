import type { SeedSkill } from "./seed-skill.ts";

const NOTE = { type: "string", description: "Who did the work, where it was nobody" } as const;

/**
 * Work by hand: done by the example desk, until somebody makes a key for this publisher and does it
 * instead.
 */
export const NIGHT_DESK: readonly SeedSkill[] = [
  {
    name: "translate-by-hand",
    description: "A person translates a short text, usually within half an hour.",
    tags: ["translation", "human"],
    execution_mode: "open",
    price_per_invocation: 120,
    input_schema: {
      type: "object",
      properties: {
        text: { type: "string", maxLength: 2000 },
        target_language: { type: "string", maxLength: 35 },
      },
      required: ["text", "target_language"],
    },
    output_schema: {
      type: "object",
      properties: {
        translated_text: { type: "string" },
        detected_source: { type: "string" },
        note: NOTE,
      },
      required: ["translated_text"],
    },
    example_input: { text: "Good morning", target_language: "de" },
    example_output: { translated_text: "guten morgen", detected_source: "en" },
  },
  {
    name: "review-contract",
    description:
      "A person reads a contract and lists what a careful reader would ask about. For verified humans.",
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
      properties: { questions: { type: "array", items: { type: "string" } }, note: NOTE },
      required: ["questions"],
    },
    example_input: { contract: "1. The supplier delivers. 2. The customer pays within 30 days." },
  },
];
