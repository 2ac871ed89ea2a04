import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { WRITES } from "../fields.ts";
import { normaliseJti, withJtiOf } from "./input-aliases.ts";
import { issuedPassport, jti, ttlSeconds } from "./passport-fields.ts";

export const refreshPassport = defineOperation({
  name: "stack_refresh_passport",
  title: "Refresh a passport",
  description:
    "Refresh a passport, at the latest a day after its end. The passport keeps its jti, its session and its spent cents. The operator refreshes a passport, or the agent by a signed request; never the passport itself.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({ jti, ttl_seconds: ttlSeconds }),
  output: issuedPassport,
  idempotency: "none",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/passports/refresh", status: 200 },
  normalise: (raw) => normaliseJti(withJtiOf(raw)),
  example: { jti: "pp_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.passports.refresh(caller, input),
});
