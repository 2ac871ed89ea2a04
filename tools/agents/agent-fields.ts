import * as z from "zod";
import {
  ACCOUNTABILITY_MODES,
  ALERT_ACTIONS,
  CREDENTIAL_ACCESS,
  SKILL_ACCESS_MODES,
} from "../../src/domain/identity/agent.ts";
import { boundCents, idOf, shown, unbounded } from "../fields.ts";

export const agentId = idOf("agt", "an agent of yours");

const ICON_CHARS = 100_000;

const budget = z.strictObject(
  unbounded({
    per_day_cents: boundCents.describe("In a UTC day"),
    per_month_cents: boundCents.describe("In a UTC month"),
    skills: z.array(z.string().max(64)).max(200).describe("Only these, skl_…"),
    publishers: z.array(z.string().max(64)).max(100).describe("Only skills of these, op_…"),
  }),
);

/** The settings of an agent; an update leaves out those that stay. */
export const agentDraft = {
  name: z
    .string()
    .min(2)
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*[a-z0-9]$/, "must be of a-z, 0-9 and inner hyphens")
    .describe("Unique among your agents"),
  description: shown(z.string().max(256)).describe("For people"),
  accountability_mode: z
    .enum(ACCOUNTABILITY_MODES)
    .describe(
      "enforced: states an intent and reports at intervals; logged: states an intent; standard: neither",
    ),
  on_warning: z.enum(ALERT_ACTIONS).describe("Action on a warning"),
  on_critical: z.enum(ALERT_ACTIONS).describe("Action on a critical signal"),
  credential_access: z
    .enum(CREDENTIAL_ACCESS)
    .describe("proxy_only: the agent never gets a secret"),
  skill_access_mode: z.enum(SKILL_ACCESS_MODES).describe("allowed: only allowed_skills"),
  allowed_skills: z.array(z.string().max(64)).max(200).describe("Ids of skills, skl_…"),
  allowed_connections: z
    .array(idOf("scon"))
    .max(100)
    .describe(
      "Ids of your connections that the agent may use, scon_…; removing one revokes the agent's passports that carry it",
    ),
  icon_url: z
    .string()
    .max(ICON_CHARS)
    .regex(/^(?:https?:\/\/|data:image\/)/, "must be an http(s) address or a data:image/ address")
    .nullable()
    .describe("Address or data URI of a picture"),
  budget: budget.describe(
    "Cents that the agent may spend, over all its passports; {} sets no bound",
  ),
} as const;

const publicJwk = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() });

const budgetView = z.object({
  per_day_cents: z.number().optional(),
  per_month_cents: z.number().optional(),
  skills: z.array(z.string()).readonly().optional(),
  publishers: z.array(z.string()).readonly().optional(),
});

export const agentView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.enum(["active", "suspended"]),
  accountability_mode: z.enum(ACCOUNTABILITY_MODES),
  on_warning: z.enum(ALERT_ACTIONS),
  on_critical: z.enum(ALERT_ACTIONS),
  credential_access: z.enum(CREDENTIAL_ACCESS),
  skill_access_mode: z.enum(SKILL_ACCESS_MODES),
  allowed_skills: z.array(z.string()).readonly(),
  allowed_connections: z.array(z.string()).readonly(),
  icon_url: z.string().nullable(),
  budget: budgetView.nullable(),
  spent_today_cents: z.number().describe("Held or charged in its name in this UTC day"),
  spent_this_month_cents: z.number().describe("Held or charged in its name in this UTC month"),
  passport_blocked: z.boolean(),
  public_key: publicJwk.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
