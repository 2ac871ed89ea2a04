import { expect, test } from "vitest";
import {
  type ActingAgent,
  AGENT_SCOPES,
  actorOf,
  type Caller,
  type CarriedPassport,
  NOBODY,
  OPERATOR_SCOPES,
  repeatScopeOf,
  requireAgentScopes,
  requireAudience,
  requireScope,
  SCOPES,
} from "../../../../src/domain/identity/caller.ts";

const operator: Caller = {
  operatorId: "op_a",
  name: "a",
  plan: "free",
  scopes: ["skills:read", "wallet:read"],
};
const agent: ActingAgent = {
  id: "agt_1",
  name: "buyer",
  rootId: "agt_1",
  services: [],
  allowedSkills: undefined,
};
const passport: CarriedPassport = {
  jti: "pp_1",
  sessionId: "ses_1",
  lineage: ["pp_1"],
  claimIds: [],
  mandate: undefined,
};

test("lets a caller pass with a scope that it has", () => {
  expect(() => requireScope(operator, "wallet:read")).not.toThrow();
});

test("refuses a caller without a scope, and names the scope", () => {
  expect(() => requireScope(operator, "wallet:write")).toThrow(
    expect.objectContaining({
      code: "FORBIDDEN",
      details: { scope: "wallet:write" },
      message: "This needs the scope wallet:write, which the caller does not have.",
    }),
  );
});

test("lets nobody do anything that takes a scope", () => {
  for (const scope of SCOPES)
    expect(() => requireScope(NOBODY, scope)).toThrow(
      expect.objectContaining({ code: "FORBIDDEN" }),
    );
});

test("gives operators every scope but the platform's", () => {
  expect(SCOPES.filter((scope) => !OPERATOR_SCOPES.some((one) => one === scope))).toEqual([
    "admin",
  ]);
});

test.each(["wallet:write", "wallet:read", "skills:publish", "agents:write", "audit:read", "admin"])(
  "gives agents no scope %s",
  (scope) => {
    expect(AGENT_SCOPES).not.toContain(scope);
  },
);

test("lets whoever has all of an agent's scopes make an agent", () => {
  expect(() => requireAgentScopes({ ...operator, scopes: AGENT_SCOPES })).not.toThrow();
});

test.each(AGENT_SCOPES)("refuses to give an agent %s without having it", (lacking) => {
  const scopes = SCOPES.filter((scope) => scope !== lacking);
  expect(() => requireAgentScopes({ ...operator, scopes })).toThrow(
    expect.objectContaining({ code: "FORBIDDEN", details: { scope: lacking } }),
  );
});

test("keeps agents and passports from what is for operators", () => {
  const acting = { ...operator, agent };
  expect(() => requireAudience(acting, "operators", "stack_topup")).toThrow(
    expect.objectContaining({
      code: "FORBIDDEN",
      message: "stack_topup is for operators: an agent or a passport may not use it.",
    }),
  );
  expect(() => requireAudience(acting, "agents", "stack_invoke_skill")).not.toThrow();
  expect(() => requireAudience(acting, "anyone", "stack_verify_passport")).not.toThrow();
});

test("lets operators call what is for agents and for anyone", () => {
  for (const audience of ["operators", "agents", "anyone"] as const)
    expect(() => requireAudience(operator, audience, "it")).not.toThrow();
});

test("repeats a call within a session, else an agent, else a key, else the machine", () => {
  const all: Caller = { ...operator, keyId: "key_1", agent, passport };
  expect(repeatScopeOf(all)).toBe("op_a ses_1");
  expect(repeatScopeOf({ ...all, passport: undefined })).toBe("op_a agt_1");
  expect(repeatScopeOf({ ...operator, keyId: "key_1" })).toBe("op_a key_1");
  expect(repeatScopeOf(operator)).toBe("op_a local");
});

test("repeats no call of another operator", () => {
  expect(repeatScopeOf({ ...operator, operatorId: "op_b" })).not.toBe(repeatScopeOf(operator));
});

test("names who acted", () => {
  expect(actorOf(operator)).toEqual({ operatorId: "op_a" });
  expect(actorOf({ ...operator, agent, passport })).toEqual({
    operatorId: "op_a",
    agentId: "agt_1",
    passportJti: "pp_1",
  });
});
