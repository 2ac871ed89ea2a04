import * as z from "zod";
import { ASSURANCE_LEVELS, CLAIM_LAYERS, CLAIM_TYPES } from "../../src/domain/identity/trust.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { CANCELS, idOf, naming, READS, WRITES } from "../fields.ts";

const claim = z.object({
  id: z.string(),
  provider: z.string(),
  layer: z.enum(CLAIM_LAYERS),
  claim_type: z.string(),
  assurance_level: z.enum(ASSURANCE_LEVELS),
  status: z.enum(["active", "expired"]),
  verified_at: z.string(),
  expires_at: z.string().nullable(),
});
const claims = z.object({ items: z.array(claim) });
const provider = z.string().min(1).max(64);

export const listIdentityProviders = defineOperation({
  name: "stack_list_identity_providers",
  title: "List identity providers",
  description:
    "Identity providers that can verify that you are a person (verified_human, L1) or who you are (verified_identity, L2). Next: stack_start_verification.",
  scope: "identity:read",
  input: z.strictObject({}),
  output: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        provider_key: z.string(),
        supported_layers: z.array(z.enum(CLAIM_LAYERS)).readonly(),
        claim_types: z.array(z.enum(CLAIM_TYPES)).readonly(),
        assurance_level: z.enum(ASSURANCE_LEVELS),
      }),
    ),
  }),
  idempotency: "none",
  toolset: "identity",
  mcp: READS,
  rest: { method: "GET", path: "/v1/identity/providers", status: 200 },
  example: {},
  handle: async (_input, { services }) => services.identity.listProviders(),
});

export const startVerification = defineOperation({
  name: "stack_start_verification",
  title: "Start a verification",
  description:
    "Start to prove claims to an identity provider. If the provider has a page, a person continues at url. Next: stack_complete_verification with session_ref.",
  scope: "identity:write",
  input: z.strictObject({
    provider: provider.describe("provider_key, or id"),
    claim_types: z.array(z.enum(CLAIM_TYPES)).min(1).max(2).default(["verified_human"]),
  }),
  output: z.object({
    verification_id: z.string(),
    provider: z.string(),
    session_ref: z.string(),
    url: z.string().optional(),
    claim_types: z.array(z.string()),
    expires_at: z.string(),
  }),
  idempotency: "none",
  toolset: "identity",
  mcp: { ...WRITES, openWorldHint: true },
  rest: { method: "POST", path: "/v1/identity/verifications", status: 201 },
  example: { provider: "local", claim_types: ["verified_human"] },
  handle: (input, { caller, services }) => services.identity.start(caller, input),
});

export const completeVerification = defineOperation({
  name: "stack_complete_verification",
  title: "Complete a verification",
  description:
    "Complete a verification: returns the claims that the provider verified. Before that it is an error that says where to continue.",
  scope: "identity:write",
  input: z.strictObject({
    session_ref: naming("idv", z.string().max(255)).describe("From stack_start_verification"),
    provider: provider.optional().meta(ABSENT_IS_LESS),
  }),
  output: claims,
  idempotency: "none",
  toolset: "identity",
  mcp: { ...WRITES, idempotentHint: true },
  rest: { method: "POST", path: "/v1/identity/verifications/:session_ref/complete", status: 200 },
  example: { session_ref: "idv_01jcyxxxxxxxxxxxxxxxxxxxxx", provider: "local" },
  handle: (input, { caller, services }) => services.identity.complete(caller, input),
});

export const listClaims = defineOperation({
  name: "stack_list_claims",
  title: "List identity claims",
  description:
    "Your identity claims, with provider, assurance and expiry. Passports carry the active claims.",
  scope: "identity:read",
  input: z.strictObject({}),
  output: claims,
  idempotency: "none",
  toolset: "identity",
  mcp: READS,
  rest: { method: "GET", path: "/v1/identity/claims", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.identity.listClaims(caller),
});

export const revokeClaim = defineOperation({
  name: "stack_revoke_claim",
  title: "Revoke an identity claim",
  description: "Revoke an identity claim for good, and every passport that carries the claim.",
  scope: "identity:write",
  input: z.strictObject({ claim_id: idOf("clm").describe("clm_…") }),
  output: z.object({ claim_id: z.string(), revoked: z.boolean(), passports_revoked: z.number() }),
  idempotency: "none",
  toolset: "identity",
  mcp: CANCELS,
  rest: { method: "DELETE", path: "/v1/identity/claims/:claim_id", status: 200 },
  example: { claim_id: "clm_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.identity.revokeClaim(caller, input.claim_id),
});
