import * as z from "zod";
import { ACCOUNTABILITY_MODES } from "../../src/domain/identity/agent.ts";
import { CHECKOUT_BUCKETS, CHECKOUT_STATUSES } from "../../src/domain/identity/passport.ts";
import { ABSENT_IS_LESS, ABSENT_IS_MORE } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { boundCents, idOf, notAnId, shown, unbounded } from "../fields.ts";

export const jti = idOf("pp", "a passport");
export const token = notAnId(z.string().min(1).max(16_384), "signed; whoever has it carries it");
export const reason = shown(z.string().max(500))
  .optional()
  .meta(ABSENT_IS_LESS)
  .describe("Reason, for the audit log and the revocation feed");

const seconds = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z.int().min(min).max(max);
export const ttlSeconds = seconds(LIMITS.passportSeconds)
  .default(LIMITS.passportSeconds.default)
  .describe("Lifetime in seconds, at most");

const intent = z
  .strictObject({
    summary: shown(z.string().min(1).max(500)),
    services: z
      .array(shown(z.string().min(1).max(64)))
      .max(100)
      .describe("Names of the services that the agent will use"),
    will_delegate: z.boolean().optional().meta(ABSENT_IS_LESS),
    estimated_duration_seconds: z.int().min(1).max(86_400).optional().meta(ABSENT_IS_LESS),
  })
  .describe("Purpose of the passport; required of enforced and logged agents");

const mandate = z
  .strictObject(
    unbounded({
      max_total_cents: boundCents.describe("In total, delegated passports included"),
      max_per_call_cents: boundCents.describe("Held for one invocation"),
      skills: z.array(z.string().max(64)).max(100).describe("Only these, skl_…"),
      publishers: z.array(z.string().max(64)).max(100).describe("Only skills of these, op_…"),
      approve_over_cents: boundCents.describe("A larger hold waits for its operator's approval"),
    }),
  )
  .describe("Bounds on spending; without a mandate, no bound of its own");

/** The rights that a passport is asked to grant. */
export const grantFields = {
  ttl_seconds: ttlSeconds,
  scopes: z
    .array(
      z.strictObject({
        service_connection_id: idOf("scon").describe("scon_…"),
        scopes: z.array(z.string().min(1).max(128)).max(64).describe("* means every scope"),
      }),
    )
    .max(100)
    .optional()
    .meta(ABSENT_IS_MORE)
    .describe("Left out: all that the agent, or the parent, has"),
  identity_claim_ids: z
    .array(idOf("clm"))
    .max(50)
    .optional()
    .meta(ABSENT_IS_MORE)
    .describe("Left out: all that are active"),
  intent: intent.optional().meta(ABSENT_IS_LESS),
  checkpoint_interval_seconds: seconds(LIMITS.checkpointSeconds)
    .optional()
    .meta(ABSENT_IS_LESS)
    .describe("A report is due at each interval"),
  mandate: mandate.optional().meta(ABSENT_IS_MORE),
} as const;

export const issuedPassport = z.object({
  token: z.string(),
  jti: z.string(),
  session_id: z.string(),
  expires_at: z.string(),
});

export const passportView = z.object({
  jti: z.string(),
  agent_id: z.string(),
  session_id: z.string(),
  parent_jti: z.string().nullable(),
  delegation_depth: z.number(),
  accountability: z.enum(ACCOUNTABILITY_MODES),
  intent: z.unknown().optional(),
  mandate: z.unknown().optional(),
  spent_cents: z.number(),
  issued_at: z.string(),
  expires_at: z.string(),
});

export const revocation = z.object({
  type: z.string(),
  revoked_count: z.number(),
  cascaded: z.array(z.string()).readonly(),
  cancelled_invocations: z.number(),
});

export const checkoutView = z.object({
  id: z.string(),
  jti: z.string(),
  agent_id: z.string(),
  bucket: z.enum(CHECKOUT_BUCKETS),
  findings: z.array(z.string()).readonly(),
  summary: z.string().optional(),
  status: z.enum(CHECKOUT_STATUSES),
  created_at: z.string(),
  reviewed_at: z.string().nullable(),
});

export const mission = z.object({
  mission_id: z.string(),
  agent_id: z.string(),
  created_at: z.string(),
  passport: issuedPassport,
});
