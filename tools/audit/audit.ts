import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { idOf, limit, READS } from "../fields.ts";

export const queryAudit = defineOperation({
  name: "stack_query_audit",
  title: "Query the audit log",
  description:
    "Your own audit log, newest first: every decision, every cent, every use of a secret, every refusal to an agent, and who acted. The log holds digests, never content.",
  scope: "audit:read",
  input: z.strictObject({
    limit,
    since: z
      .int()
      .min(0)
      .max(LIMITS.latestMs)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Epoch milliseconds: only later entries"),
    agent_id: idOf("agt").optional().meta(ABSENT_IS_LESS).describe("Only entries of this agent"),
    passport_jti: idOf("pp")
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Only entries of this passport"),
    before_seq: z
      .int()
      .min(1)
      .max(LIMITS.latestMs)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("next_before_seq of the page before"),
  }),
  output: z.object({
    entries: z.array(
      z.object({
        entry_id: z.string(),
        seq: z.number(),
        timestamp: z.string(),
        trace_id: z.null(),
        operator_id: z.string(),
        agent_id: z.string().nullable(),
        passport_jti: z.string().nullable(),
        layer: z.string(),
        action: z.string(),
        outcome: z.string(),
        duration_ms: z.null(),
        error_code: z.string().nullable(),
        error_message: z.null(),
        details: z.record(z.string(), z.unknown()),
        prev_entry_hash: z.string(),
        entry_hash: z.string(),
      }),
    ),
    max_timestamp: z.number().nullable().describe("Give it as since to get later entries"),
    next_before_seq: z.number().optional(),
  }),
  idempotency: "none",
  toolset: "audit",
  mcp: READS,
  rest: { method: "GET", path: "/v1/audit", status: 200 },
  example: { limit: 20 },
  handle: (input, { caller, services }) => services.audit.query(caller, input),
});

export const getAuditHead = defineOperation({
  name: "stack_get_audit_head",
  title: "Get the head of the audit chain",
  description:
    "The last entry of your audit chain and a checkpoint signed by the server. Keep checkpoints elsewhere: a chain that no longer has that entry was rewritten.",
  scope: "audit:read",
  input: z.strictObject({}),
  output: z.object({
    operator_id: z.string(),
    seq: z.number(),
    hash: z.string(),
    checkpoint: z.string(),
  }),
  idempotency: "none",
  toolset: "audit",
  resource: {
    name: "audit-head",
    path: "audit/head",
    title: "Head of the audit chain",
    description: "The last entry of your audit log; subscribe to be notified of the next",
    // The signature differs each time.
    leaveOut: ["checkpoint"],
  },
  mcp: READS,
  rest: { method: "GET", path: "/v1/audit/chain-head", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.audit.head(caller),
});

export const verifyAuditChain = defineOperation({
  name: "stack_verify_audit_chain",
  title: "Verify the audit chain",
  description:
    "Verify your audit chain from its beginning to its head. The field problem names the first wrong entry.",
  scope: "audit:read",
  input: z.strictObject({}),
  output: z.object({ valid: z.boolean(), rows: z.number(), problem: z.string().optional() }),
  idempotency: "none",
  toolset: "audit",
  mcp: READS,
  rest: { method: "GET", path: "/v1/audit/verify-chain", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.audit.verifyOwn(caller),
});
