import semver from "semver";
import * as z from "zod";
import { EXECUTION_MODES, TRUST_LEVELS } from "../../src/domain/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { jsonSchema, skillDetail, WRITES } from "../fields.ts";
import { normalisePublish } from "./published-spellings.ts";

const label = z.string().min(1).max(LIMITS.labelChars).optional().describe("A name for the step");
const prompt = z.string().max(LIMITS.promptChars).optional();

const llmStep = z.strictObject({
  type: z.literal("llm"),
  label,
  model: z
    .string()
    .max(128)
    .regex(/^[a-z0-9-]+\/\S+$/, "must be provider/model, for example openai/gpt-4o-mini")
    .describe("provider/model"),
  system_prompt: prompt.describe("May refer to $INPUT and $PREV"),
  user_message: prompt.describe("Default: $PREV, in a first step $INPUT"),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(LIMITS.llmMaxTokensCap).optional().describe(`Default ${LIMITS.llmMaxTokens}`),
});

const scriptStep = z.strictObject({
  type: z.literal("script"),
  label,
  runtime: z.enum(["javascript"], {
    error: (issue) =>
      issue.input === "python" ? 'cannot be "python" yet in this version; use "javascript"' : 'must be "javascript"',
  }),
  code: z
    .string()
    .min(1)
    .max(LIMITS.codeChars)
    .describe("Body of an async function: reads $INPUT and $PREV, returns JSON"),
});

export const publishSkill = defineOperation({
  name: "stack_publish_skill",
  title: "Publish a skill",
  description:
    "Offer a skill to other agents. Sealed: the server runs your execution_steps in a sandbox, and neither side sees the other's data. Open: buyers' invocations wait for you in stack_list_pending_invocations. Returns the skill with its id.",
  scope: "skills:publish",
  input: z.strictObject({
    name: z
      .string()
      .min(LIMITS.nameChars.min)
      .max(LIMITS.nameChars.max)
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be a slug: a-z, 0-9 and single inner hyphens")
      .describe("Slug, unique among your skills"),
    description: z.string().min(1).max(LIMITS.descriptionChars),
    version: z
      .string()
      .max(64)
      .refine((text) => semver.valid(text) === text, "must be a semantic version, for example 1.0.0")
      .describe("Semantic version"),
    input_schema: jsonSchema,
    output_schema: jsonSchema,
    trust_level_required: z.enum(TRUST_LEVELS).describe("L0 anyone, L1 verified human, L2 verified identity"),
    price_per_invocation: z
      .int()
      .min(0)
      .max(LIMITS.priceCents)
      .default(0)
      .describe("US cents, without compute; 0 is free"),
    tags: z.array(z.string().min(1).max(LIMITS.tagChars)).max(LIMITS.tags).default([]),
    execution_mode: z
      .enum(EXECUTION_MODES, {
        error: (issue) =>
          issue.input === "source" ? 'cannot be "source" yet in this version' : 'must be "open" or "sealed"',
      })
      .default("open"),
    credential_mode: z
      .enum(["none"], { error: "can only be none in this version: there are no connected services yet" })
      .default("none"),
    execution_steps: z
      .array(z.discriminatedUnion("type", [llmStep, scriptStep]))
      .min(1)
      .max(LIMITS.steps)
      .optional()
      .describe("What a sealed skill does, in order"),
    invocation_ttl_seconds: z
      .int()
      .min(LIMITS.invocationTtlSeconds.min)
      .max(LIMITS.invocationTtlSeconds.max)
      .default(LIMITS.invocationTtlSeconds.default)
      .describe("How long an invocation may wait"),
    agent_id: z.string().max(64).optional().describe("Agent that provides it"),
  }),
  output: skillDetail,
  idempotency: "none",
  toolset: "core",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skills", status: 201 },
  normalise: normalisePublish,
  example: {
    name: "shout",
    description: "Return a text in capitals.",
    version: "1.0.0",
    execution_mode: "sealed",
    trust_level_required: "L0",
    price_per_invocation: 5,
    input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    output_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    execution_steps: [{ type: "script", runtime: "javascript", code: "return { text: $INPUT.text.toUpperCase() };" }],
  },
  handle: (input, { caller, services }) => services.publishing.publish(caller, input),
});
