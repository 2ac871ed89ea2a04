import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { idOf } from "../fields.ts";
import { agentId, agentView } from "./agent-fields.ts";

export const enrolmentChallenge = defineOperation({
  name: "stack_enrolment_challenge",
  title: "Ask for an enrolment challenge",
  description:
    "Get a text that an agent signs with its Ed25519 key. The text is valid for ten minutes. Next: stack_enrol_agent.",
  scope: "agents:write",
  input: z.strictObject({ agent_id: agentId }),
  output: z.object({ challenge_id: z.string(), challenge: z.string(), expires_at: z.string() }),
  idempotency: "none",
  toolset: "agents",
  mcp: false,
  rest: { method: "POST", path: "/v1/agents/:agent_id/enrollment-challenge", status: 201 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.agents.challenge(caller, input.agent_id),
});

export const enrolAgent = defineOperation({
  name: "stack_enrol_agent",
  title: "Enrol an agent's key",
  description:
    "Store an agent's Ed25519 public key, in place of an earlier one. From then on the agent signs its requests: a JWT of at most 60 seconds as Bearer token, with iss stack-sdk, aud stack:agent, sub the agent, and a jti that is used once.",
  scope: "agents:write",
  input: z.strictObject({
    agent_id: agentId,
    public_key: z.record(z.string(), z.unknown()).describe("Public JWK: kty OKP, crv Ed25519, x"),
    challenge_id: idOf("enr"),
    signed_challenge: z.string().max(128).describe("Signature of the challenge's text, base64url"),
  }),
  output: agentView,
  idempotency: "none",
  toolset: "agents",
  mcp: false,
  rest: { method: "POST", path: "/v1/agents/:agent_id/enroll", status: 200 },
  example: {
    agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx",
    public_key: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
    challenge_id: "enr_01jcyxxxxxxxxxxxxxxxxxxxxx",
    signed_challenge: "c2lnbmF0dXJl",
  },
  handle: ({ agent_id, ...proof }, { caller, services }) =>
    services.agents.enrol(caller, agent_id, proof),
});
