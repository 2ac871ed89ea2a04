import { expect, test } from "vitest";
import * as z from "zod";
import type { App } from "../../src/app/create-app.ts";
import { defineOperation, type Operation } from "../../src/operations/define-operation.ts";
import { errorBody } from "../../src/operations/error-body.ts";
import type { Services } from "../../src/services/services.ts";
import { assert, DomainError } from "../../src/shared/errors.ts";
import { Secret } from "../../src/shared/secret.ts";
import { idOf, READS } from "../../tools/fields.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { type Issued, issue, registerAgent } from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { connectCrm } from "../helpers/connections.ts";
import { exampleWith, idFieldsOf, unmarkedIdsOf } from "../helpers/id-fields.ts";
import { callOperation, callTool, type Operator, operatorAs } from "../helpers/operator.ts";
import { openSkill } from "../helpers/skills.ts";

const PRINCIPALS = ["seller", "buyer", "stranger", "admin"] as const;
type Principal = (typeof PRINCIPALS)[number];

/** Tells whether a principal has a right to the thing behind an id. */
function isEntitled(tool: string, prefix: string, who: Principal): boolean {
  switch (prefix) {
    case "skl":
      return who === "seller" || (who === "admin" && /approve|reject/.test(tool));
    case "sinv":
      return who === "seller" || who === "buyer";
    // All operators read the board.
    case "sreq":
      return who === "buyer" || !tool.includes("update");
    default:
      return who === "buyer";
  }
}

/**
 * One thing of somebody's own of each kind that an id can name, by prefix. The skill is suspended.
 */
async function world() {
  const { createOperator, app } = await openTestApp({ start: false });
  const [seller, buyer, stranger] = [
    await createOperator("seller"),
    await createOperator("buyer"),
    await createOperator("stranger"),
  ];
  const admin = operatorAs(app, { kind: "local" });
  const shop = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const hidden = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ name: "hidden" }),
  );
  await seller.ok("stack_suspend_skill", { skill_id: hidden.id });
  const order = { skill_id: shop.id, input: {}, wait_ms: 0 };
  const invocation = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
  const request = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "Something",
  });
  const topup = await buyer.ok<{ session_id: string }>("stack_topup", { amount_cents: 1_000 });
  await app.services.operators.fund(buyer.id, 1_000);
  const connection = await connectCrm(buyer);
  const agent = await registerAgent(buyer, "helper", { allowed_connections: [connection.id] });
  const challenge = await buyer.ok<{ challenge_id: string }>("stack_enrolment_challenge", {
    agent_id: agent.id,
  });
  const errand = { agent_id: agent.id, intent: { summary: "x", services: [] } };
  const mission = await buyer.ok<{ mission_id: string; passport: Issued }>(
    "stack_start_mission",
    errand,
  );
  const reported = await buyer.ok<{ mission_id: string; passport: Issued }>(
    "stack_start_mission",
    errand,
  );
  await buyer.ok("stack_checkpoint", { jti: reported.passport.jti, services_used: ["strange"] });
  const checkout = await buyer.ok<{ id: string }>("stack_checkout", { jti: reported.passport.jti });
  const verification = await buyer.ok<{ session_ref: string }>("stack_start_verification", {
    provider: "local",
  });
  const proved = await buyer.ok<{ session_ref: string }>("stack_start_verification", {
    provider: "local",
  });
  const claims = await buyer.ok<{ items: { id: string }[] }>("stack_complete_verification", {
    session_ref: proved.session_ref,
  });
  const ids: Readonly<Record<string, string>> = {
    agt: agent.id,
    chk: checkout.id,
    clm: claims.items[0]?.id ?? "",
    enr: challenge.challenge_id,
    idv: verification.session_ref,
    msn: mission.mission_id,
    pp: mission.passport.jti,
    scon: connection.id,
    ses: mission.passport.session_id,
    sinv: invocation.id,
    skl: hidden.id,
    sreq: request.id,
    tup: topup.session_id,
  };
  const who: Record<Principal, Operator> = { seller, buyer, stranger, admin };
  const own = new Map<Principal, Readonly<Record<string, string>>>();
  for (const principal of PRINCIPALS) {
    const { id } = await registerAgent(who[principal], "own");
    own.set(principal, {
      agt: id,
      skl: shop.id,
      parent_token: (await issue(who[principal], id)).token,
    });
  }
  return { app, ids, shop, who, own };
}

/** Every field of every operation that names something; a draft is run for nobody's agent. */
const idFields = OPERATIONS.filter(({ name }) => name !== "stack_test_skill").flatMap((operation) =>
  idFieldsOf(operation)
    .filter(({ names }) => names !== "nothing")
    .map(({ path, names }) => [operation.name, path.join("."), names, operation, path] as const),
);

test("marks every field that is named like an id, and makes a thing of each kind", async () => {
  expect(
    OPERATIONS.flatMap((operation) =>
      unmarkedIdsOf(operation).map((at) => `${operation.name} ${at}`),
    ),
  ).toEqual([]);
  const { ids } = await world();
  const missing = idFields.filter(([, , prefix]) => !ids[prefix]?.startsWith(`${prefix}_`));
  expect(missing.map(([name, at, prefix]) => `${name} ${at} ${prefix}`)).toEqual([]);
  expect(idFields.length).toBeGreaterThan(75);
});

test.each(idFields)(
  "answers alike in %s to a missing, a malformed and a foreign %s, whoever asks (%s)",
  async (_name, _at, prefix, operation, path) => {
    await expectNoLeak(operation, path, prefix);
  },
);

test("catches an operation that shows another's thing, with nothing said about it", async () => {
  const leaky = defineOperation({
    name: "stack_peek_connection",
    title: "Peek",
    description: "Shows a connection of anybody's.",
    scope: "services:read",
    input: z.strictObject({ connection_id: idOf("scon") }),
    output: z.object({ provider: z.string() }),
    idempotency: "none",
    toolset: "services",
    mcp: READS,
    rest: false,
    example: { connection_id: "scon_01jcyxxxxxxxxxxxxxxxxxxxxx" },
    handle: async (input, { caller, services }) => {
      // Types keep operations from the host's services; a leak would go around them.
      const { operators } = services as unknown as Services;
      for (const { operator_id: operatorId } of await operators.list()) {
        const { items } = await services.connections.list({ ...caller, operatorId });
        const found = items.find(({ id }) => id === input.connection_id);
        if (found) return { provider: found.provider };
      }
      throw new DomainError("NOT_FOUND");
    },
  });
  const [field] = idFieldsOf(leaky);
  assert(field, "the loop finds the field by itself");
  await expect(expectNoLeak(leaky, field.path, field.names)).rejects.toThrow("crm");
});

/** Asks as each principal for what is not there, what is no id, and what is another's. */
async function expectNoLeak(
  operation: Operation,
  path: readonly string[],
  prefix: string,
): Promise<void> {
  const { app, ids, shop, who, own } = await world();
  const id = ids[prefix];
  assert(id, `world() makes a ${prefix}_…, of the buyer: without one nothing foreign is asked for`);
  const missing = [
    "nothing",
    `${prefix}_`,
    "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx",
    `${prefix}_01jcyxxxxxxxxxxxxxxxxxxxxx`,
    "' or 1=1 --",
    shop.id.replace("skl_", "sinv_"),
  ];
  const before = await fingerprint(app);
  for (const principal of PRINCIPALS) {
    const foreign = isEntitled(operation.name, prefix, principal) ? [] : [id];
    const answers = [];
    for (const one of [...missing, ...foreign]) {
      const input = exampleWith(
        { ...operation, example: filled(operation, own.get(principal)) },
        path,
        one,
      );
      const outcome = await callOperation(app, who[principal].credential, operation, input);
      answers.push(withoutEcho(outcome.ok ? outcome.value : errorBody(outcome.error), one));
    }
    for (const answer of answers) expect(answer, principal).toBe(answers[0]);
  }
  expect(await fingerprint(app)).toEqual(before);
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
}

/** An answer may repeat the id that it was asked for. */
function withoutEcho(answer: unknown, id: string): string {
  return JSON.stringify(answer).replaceAll(`"${id}"`, '"<id>"').replaceAll(` ${id} `, " <id> ");
}

/**
 * The example of an operation with things that the caller may use, so that the one field decides.
 */
function filled(
  operation: Operation,
  own: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  const { parent_token } = own;
  const things = idFieldsOf(operation).flatMap(({ path: [name = "", ...deeper], names }) =>
    name in operation.example && deeper.length === 0 && own[names] !== undefined
      ? [[name, own[names]]]
      : [],
  );
  const token = "parent_token" in operation.example ? { parent_token } : {};
  return { ...operation.example, ...Object.fromEntries(things), ...token };
}

/** The facts that must not change: everybody's money, and the end of every audit chain. */
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

test("refuses admins' operations to everybody else before it looks at their input", async () => {
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
  "refuses %s to whoever has no key that is right",
  async (name, example) => {
    const { app, createOperator } = await openTestApp({ start: false });
    const { apiKey } = await createOperator("somebody");
    const last = apiKey.at(-1) === "A" ? "B" : "A";
    const wrong = [
      "",
      "sk_live_op_",
      "nonsense",
      `${apiKey}A`,
      `${apiKey.slice(0, -1)}${last}`,
      apiKey.toUpperCase(),
    ];
    for (const key of wrong) {
      const credential = {
        kind: "bearer",
        token: new Secret(key),
        source: "STACK_API_KEY",
      } as const;
      const outcome = await callTool(app, credential, name, example);
      expect(outcome.ok ? "accepted" : outcome.error.code).toBe("INVALID_API_KEY");
      expect(outcome.ok ? "" : outcome.error.message).toContain("STACK_API_KEY");
    }
  },
);
