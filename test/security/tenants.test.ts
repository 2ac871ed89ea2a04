import { expect, test } from "vitest";
import type { App } from "../../src/app/create-app.ts";
import { errorBody } from "../../src/operations/error-body.ts";
import { toolSchema } from "../../src/operations/tool-schema.ts";
import { Secret } from "../../src/shared/secret.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { type Issued, registerAgent } from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { callTool, type Operator, operatorAs } from "../helpers/operator.ts";
import { openSkill } from "../helpers/skills.ts";

const ID_FIELDS = [
  "skill_id",
  "invocation_id",
  "request_id",
  "topup_id",
  "connection_id",
  "agent_id",
  "child_agent_id",
  "jti",
  "session_id",
  "mission_id",
  "checkout_id",
  "claim_id",
  "session_ref",
] as const;
type IdField = (typeof ID_FIELDS)[number];

const PRINCIPALS = ["seller", "buyer", "stranger", "admin"] as const;
type Principal = (typeof PRINCIPALS)[number];

/** Who of them has a right to the thing of another that stands behind the id. */
function isEntitled(tool: string, field: IdField, who: Principal): boolean {
  switch (field) {
    case "skill_id":
      return who === "seller" || (who === "admin" && /approve|reject/.test(tool));
    case "invocation_id":
      return who === "seller" || who === "buyer";
    case "request_id":
      return who === "buyer" || !tool.includes("update");
    default:
      return who === "buyer";
  }
}

/** Every operation that takes the id of something; a draft is run for nobody's agent. */
const withId = OPERATIONS.filter(({ name }) => name !== "stack_test_skill").flatMap((operation) => {
  const { properties = {} } = toolSchema(operation.input, "input") as { properties?: Record<string, unknown> };
  return ID_FIELDS.filter((field) => field in properties).map((field) => [operation, field] as const);
});

/** A suspended skill, an invocation, a request and a top-up, each of somebody's own. */
async function world() {
  const { enter, app } = await openTestApp({ start: false });
  const [seller, buyer, stranger] = [await enter("seller"), await enter("buyer"), await enter("stranger")];
  const admin = operatorAs(app, { kind: "local" });
  const shop = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const hidden = await seller.ok<{ id: string }>("stack_publish_skill", openSkill({ name: "hidden" }));
  await seller.ok("stack_suspend_skill", { skill_id: hidden.id });
  const order = { skill_id: shop.id, input: {}, wait_ms: 0 };
  const invocation = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
  const request = await buyer.ok<{ id: string }>("stack_post_skill_request", { description: "Something" });
  const topup = await buyer.ok<{ session_id: string }>("stack_topup", { amount_cents: 1_000 });
  await app.services.operators.fund(buyer.id, 1_000);
  const connection = await buyer.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret: "12345678",
  });
  const agent = await registerAgent(buyer, "helper", { allowed_connections: [connection.id] });
  const errand = { agent_id: agent.id, intent: { summary: "x", services: [] } };
  const mission = await buyer.ok<{ mission_id: string; passport: Issued }>("stack_start_mission", errand);
  const reported = await buyer.ok<{ mission_id: string; passport: Issued }>("stack_start_mission", errand);
  await buyer.ok("stack_checkpoint", { jti: reported.passport.jti, services_used: ["strange"] });
  const checkout = await buyer.ok<{ id: string }>("stack_checkout", { jti: reported.passport.jti });
  const verification = await buyer.ok<{ session_ref: string }>("stack_start_verification", { provider: "local" });
  const proved = await buyer.ok<{ session_ref: string }>("stack_start_verification", { provider: "local" });
  const claims = await buyer.ok<{ items: { id: string }[] }>("stack_complete_verification", {
    session_ref: proved.session_ref,
  });
  const ids: Record<IdField, string> = {
    agent_id: agent.id,
    child_agent_id: agent.id,
    jti: mission.passport.jti,
    session_id: mission.passport.session_id,
    mission_id: mission.mission_id,
    checkout_id: checkout.id,
    claim_id: claims.items[0]?.id ?? "",
    session_ref: verification.session_ref,
    skill_id: hidden.id,
    invocation_id: invocation.id,
    request_id: request.id,
    topup_id: topup.session_id,
    connection_id: connection.id,
  };
  const who: Record<Principal, Operator> = { seller, buyer, stranger, admin };
  return { app, ids, shop, who };
}

test.each(withId.map(([operation, field]) => [operation.name, field, operation.example] as const))(
  "%s answers a missing, a malformed and a foreign %s alike, whoever asks",
  async (name, field, example) => {
    const { app, ids, shop, who } = await world();
    const others = field === "invocation_id" && "skill_id" in example ? { skill_id: shop.id } : {};
    const odd = [
      "",
      "nothing",
      "skl_",
      "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx",
      "skl_01jcyxxxxxxxxxxxxxxxxxxxxx",
      "' or 1=1 --",
    ];
    const before = await fingerprint(app);
    for (const principal of PRINCIPALS) {
      const foreign = isEntitled(name, field, principal) ? [] : [ids[field], shop.id.replace("skl_", "sinv_")];
      const answers = [];
      for (const id of [...odd, ...foreign]) {
        const outcome = await who[principal].call(name, { ...example, ...others, [field]: id });
        answers.push(outcome.ok ? outcome.value : errorBody(outcome.error));
      }
      for (const answer of answers) expect(answer, `${principal}: ${JSON.stringify(answer)}`).toEqual(answers[0]);
    }
    expect(await fingerprint(app)).toEqual(before);
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  },
);

/** What must not change: everybody's money, and how far every audit chain is. */
async function fingerprint(app: App): Promise<unknown> {
  const operators = await app.services.operators.list();
  const done = [];
  for (const { operator_id: operatorId } of operators) {
    const rows = await app.store.read((r) => r.audit.query({ operatorId, limit: 1_000 }));
    // That somebody was refused is no change.
    done.push(rows.filter(({ body }) => !body.includes('"credential.refused"')).length);
  }
  return { operators, done };
}

test("operations that only admins may call are refused to everybody else before their input is looked at", async () => {
  const { who } = await world();
  const admin = OPERATIONS.filter(({ scope }) => scope === "admin");
  expect(admin.map(({ name }) => name)).toEqual([
    "stack_list_pending_reviews",
    "stack_approve_skill",
    "stack_reject_skill",
  ]);
  for (const { name } of admin) {
    for (const principal of ["seller", "buyer", "stranger"] as const) {
      expect((await who[principal].refused(name, { nonsense: true })).code).toBe("FORBIDDEN");
    }
    expect((await who.admin.call(name, { nonsense: true })).ok).toBe(false);
  }
});

test.each(OPERATIONS.map((operation) => [operation.name, operation.example] as const))(
  "%s is for nobody without a key that is right",
  async (name, example) => {
    const { app, enter } = await openTestApp({ start: false });
    const { apiKey } = await enter("somebody");
    const last = apiKey.at(-1) === "A" ? "B" : "A";
    const wrong = ["", "sk_live_op_", "nonsense", `${apiKey}A`, `${apiKey.slice(0, -1)}${last}`, apiKey.toUpperCase()];
    for (const key of wrong) {
      const credential = { kind: "bearer", token: new Secret(key), source: "STACK_API_KEY" } as const;
      const outcome = await callTool(app, credential, name, example);
      expect(outcome.ok ? "accepted" : outcome.error.code).toBe("INVALID_API_KEY");
      expect(outcome.ok ? "" : outcome.error.message).toContain("STACK_API_KEY");
    }
  },
);
