import * as z from "zod";
import { TRUST_LEVELS } from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { limit, READS } from "../fields.ts";
import { skillSummary } from "../views.ts";
import { requestId } from "./request-fields.ts";

export const suggestComposition = defineOperation({
  name: "stack_suggest_composition",
  title: "Suggest a composition",
  description:
    "Chains of up to three skills that lead from a request's desired input to its desired output, with price and trust of the whole. Invoke the skills one after the other, each with the output of the previous one.",
  scope: "skills:read",
  input: z.strictObject({ request_id: requestId, limit: limit.default(5) }),
  output: z.object({
    request_id: z.string(),
    items: z.array(
      z.object({
        skills: z.array(skillSummary),
        price_cents: z.number(),
        trust_level_required: z.enum(TRUST_LEVELS),
        verdict: z.enum(["fits", "may_fit"]),
        reasons: z.array(z.string()).readonly(),
      }),
    ),
    note: z.string().optional(),
  }),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skill-requests/:request_id/suggest", status: 200 },
  example: { request_id: "sreq_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.matches.suggest(caller, input.request_id, input.limit),
});
