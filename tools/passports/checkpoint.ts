import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { shown, WRITES } from "../fields.ts";
import { normaliseJti } from "./input-aliases.ts";
import { jti } from "./passport-fields.ts";

export const checkpoint = defineOperation({
  name: "stack_checkpoint",
  title: "Report a checkpoint",
  description:
    "Report what was done with a passport so far. An enforced agent reports at each interval; the result has a new token, valid until the next report is due. A service that the intent does not name is recorded as undeclared.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({
    jti,
    services_used: z.array(z.string().max(64)).max(100).default([]).describe("Names of services"),
    actions_count: z.int().min(0).max(1_000_000).default(0),
    delegated_to: z.array(z.string().max(64)).max(100).default([]).describe("Agents"),
    summary: shown(z.string().max(1_000)).default("").describe("What was done"),
  }),
  output: z.object({
    jti: z.string(),
    undeclared_services: z.array(z.string()),
    token: z.string().optional(),
    expires_at: z.string(),
  }),
  idempotency: "none",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/passports/:jti/checkpoint", status: 200 },
  normalise: normaliseJti,
  example: {
    jti: "pp_01jcyxxxxxxxxxxxxxxxxxxxxx",
    services_used: ["slack"],
    actions_count: 3,
    summary: "Read the thread",
  },
  handle: (input, { caller, services }) => services.accountability.checkpoint(caller, input),
});
