import * as z from "zod";
import { REQUEST_STATUSES } from "../../src/domain/market/skill-request.ts";
import { invalidRequest } from "../../src/shared/errors.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { idOf, jsonSchema, shown } from "../fields.ts";

/** Fields that the operations on the request board share. */

export const requestId = idOf("sreq", "a request");

/** The fields of a request, without defaults: an update leaves out those that stay. */
export const requestDraft = {
  description: shown(z.string().min(1).max(LIMITS.requestChars)).describe(
    "What the skill should do",
  ),
  desired_input_schema: jsonSchema,
  desired_output_schema: jsonSchema,
  max_price_cents: z.int().min(0).max(LIMITS.priceCents),
  tags: z.array(shown(z.string().min(1).max(LIMITS.tagChars))).max(LIMITS.tags),
} as const;

export const requestView = z.object({
  id: z.string(),
  operator_id: z.string(),
  status: z.enum(REQUEST_STATUSES),
  description: z.string(),
  tags: z.array(z.string()).readonly(),
  desired_input_schema: z.unknown().optional(),
  desired_output_schema: z.unknown().optional(),
  max_price_cents: z.number().optional(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** Takes the old `max_price_credits` for `max_price_cents`; throws where the two differ. */
export function normaliseRequest(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { max_price_credits: credits, ...rest } = raw;
  if (credits === undefined) return rest;
  if (rest.max_price_cents === undefined) return { ...rest, max_price_cents: credits };
  if (rest.max_price_cents === credits) return rest;
  throw invalidRequest(
    "max_price_credits",
    "max_price_credits and max_price_cents are the same and must not differ.",
  );
}
