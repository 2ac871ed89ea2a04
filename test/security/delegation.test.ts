import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PassportDetails } from "../../src/sdk/index.ts";
import { verifyPassportOffline } from "../../src/sdk/index.ts";
import { carrying, type Issued, issue, registerAgent } from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { connectCrm } from "../helpers/connections.ts";
import type { Operator } from "../helpers/operator.ts";
import { SCALE } from "../helpers/scale.ts";
import { openSkill } from "../helpers/skills.ts";

const AGENTS = 3;
const SCOPES = ["read", "write", "admin"];

/** One step in the growth of a tree: who hands on to whom, and what is asked for. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
const step = fc.record({
  parent: fc.nat(20),
  agent: fc.nat(AGENTS - 1),
  ttl: fc.integer({ min: 60, max: 3_600 }),
  scopes: seldom(fc.subarray(SCOPES)),
  total: seldom(fc.integer({ min: 0, max: 1_000 })),
  perCall: seldom(fc.integer({ min: 0, max: 500 })),
  approveOver: seldom(fc.integer({ min: 0, max: 500 })),
  skills: seldom(fc.subarray(["skl_a", "skl_b", "skl_c"])),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Node {
  readonly issued: Issued;
  readonly stk: PassportDetails;
  readonly exp: number;
  readonly parent: Node | undefined;
}

async function world() {
  const opened = await openTestApp({ start: false });
  const owner = await opened.createOperator("owner", { fundCents: 100_000 });
  const connection = await connectCrm(owner);
  const agents = [];
  for (let i = 0; i < AGENTS; i++) {
    agents.push(await registerAgent(owner, `agent-${i}`, { allowed_connections: [connection.id] }));
  }
  return { ...opened, owner, agents, connection };
}

function wish(connectionId: string, { ttl, scopes, total, perCall, approveOver, skills }: Step) {
  return {
    ttl_seconds: ttl,
    ...(scopes ? { scopes: [{ service_connection_id: connectionId, scopes }] } : {}),
    mandate: {
      ...(total === undefined ? {} : { max_total_cents: total }),
      ...(perCall === undefined ? {} : { max_per_call_cents: perCall }),
      ...(approveOver === undefined ? {} : { approve_over_cents: approveOver }),
      ...(skills ? { skills } : {}),
    },
  };
}

test("gives no scope, amount or lifetime that one above lacks or lost by revocation", async () => {
  const { app, owner, agents, connection } = await world();
  const jwks = await app.services.signingKeys.jwks();
  const grow = async (root: Step, steps: readonly Step[]): Promise<Node[]> => {
    const open = async (issued: Issued, parent: Node | undefined): Promise<Node> => {
      const { stk, exp } = await verifyPassportOffline(issued.token, { jwks });
      return { issued, stk, exp, parent };
    };
    const nodes = [
      await open(
        await issue(owner, agents[root.agent]?.id ?? "", wish(connection.id, root)),
        undefined,
      ),
    ];
    for (const one of steps) {
      const parent = nodes[one.parent % nodes.length] as Node;
      const order = {
        parent_token: parent.issued.token,
        child_agent_id: agents[one.agent]?.id,
        ...wish(connection.id, one),
      };
      const outcome = await owner.call("stack_delegate_passport", order);
      if (outcome.ok) nodes.push(await open(outcome.value as unknown as Issued, parent));
      else expect(["SCOPE_ESCALATION", "DELEGATION_DEPTH_EXCEEDED"]).toContain(outcome.error.code);
    }
    return nodes;
  };
  let delegated = 0;
  await fc.assert(
    fc.asyncProperty(
      step,
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.nat(20),
      async (root, steps, victim) => {
        const nodes = await grow(root, steps);
        delegated += nodes.length - 1;
        for (const node of nodes)
          for (let up = node.parent; up; up = up.parent) expectWithin(node, up);
        const target = nodes[victim % nodes.length] as Node;
        await owner.ok("stack_revoke_passport", { jti: target.issued.jti });
        for (const node of nodes) {
          const isBelow = lineageOf(node).includes(target);
          const { ok } = await carrying(app, node.issued.token).call("stack_browse_skills");
          expect([node.issued.jti, ok]).toEqual([node.issued.jti, !isBelow]);
        }
      },
    ),
    { numRuns: 25 * SCALE },
  );
  expect(delegated).toBeGreaterThan(25);
});

function lineageOf(node: Node): Node[] {
  return node.parent ? [node, ...lineageOf(node.parent)] : [node];
}

function expectWithin(below: Node, above: Node): void {
  expect(below.exp).toBeLessThanOrEqual(above.exp);
  expect(below.stk.session_id).toBe(above.stk.session_id);
  expect(below.stk.delegation_depth).toBeGreaterThan(above.stk.delegation_depth);
  expect(below.stk.delegation_depth).toBeLessThanOrEqual(4);
  const scopesOf = ({ stk }: Node) =>
    stk.services.flatMap(({ service_id, scopes }) =>
      scopes.map((scope) => `${service_id} ${scope}`),
    );
  const given = scopesOf(above);
  if (!given.some((scope) => scope.endsWith(" *")))
    expect(given).toEqual(expect.arrayContaining(scopesOf(below)));
  for (const bound of ["max_total_cents", "max_per_call_cents", "approve_over_cents"] as const) {
    const most = above.stk.mandate?.[bound];
    if (most !== undefined) expect(below.stk.mandate?.[bound]).toBeLessThanOrEqual(most);
  }
  const skills = above.stk.mandate?.skills;
  if (skills)
    expect(skills).toEqual(expect.arrayContaining([...(below.stk.mandate?.skills ?? ["none"])]));
}

describe("a mandate for ten calls", () => {
  const CALLS = 64;

  async function buyAll(buyers: readonly Operator[], skillId: string): Promise<string[]> {
    const orders = Array.from({ length: CALLS }, (_, i) =>
      (buyers[i % buyers.length] as Operator).call("stack_invoke_skill", {
        skill_id: skillId,
        input: { i },
        wait_ms: 0,
      }),
    );
    return (await Promise.all(orders)).map((outcome) => (outcome.ok ? "ok" : outcome.error.code));
  }

  test.each(["alone", "shared with children", "shared with children of children"])(
    "lets exactly ten of 64 parallel ones through, %s",
    async (kind) => {
      const { app, owner, agents, createOperator } = await world();
      const seller = await createOperator("seller");
      const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
      const root = await issue(owner, agents[0]?.id ?? "", { mandate: { max_total_cents: 1_000 } });
      const hand = (parent: Issued, agent: number) =>
        owner.ok<Issued>("stack_delegate_passport", {
          parent_token: parent.token,
          child_agent_id: agents[agent]?.id,
        });
      const all = [root];
      if (kind !== "alone") all.push(await hand(root, 1), await hand(root, 2));
      if (kind.endsWith("children"))
        for (const child of all.slice(1)) all.push(await hand(child, 0));
      const results = await buyAll(
        all.map(({ token }) => carrying(app, token)),
        skill.id,
      );
      expect(results.filter((result) => result === "ok")).toHaveLength(10);
      expect(new Set(results)).toEqual(new Set(["ok", "MANDATE_EXCEEDED"]));
      expect(await owner.ok("stack_get_balance")).toMatchObject({ held_cents: 1_000 });
      expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
      await owner.ok("stack_revoke_passport", { jti: root.jti });
      expect(await owner.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
    },
  );
});

test("hands a passport on four times and not five", async () => {
  const { owner, agents } = await world();
  let held = await issue(owner, agents[0]?.id ?? "");
  const hand = () => ({ parent_token: held.token, child_agent_id: agents[1]?.id });
  for (let hop = 0; hop < 4; hop++)
    held = await owner.ok<Issued>("stack_delegate_passport", hand());
  expect(await owner.refused("stack_delegate_passport", hand())).toMatchObject({
    code: "DELEGATION_DEPTH_EXCEEDED",
  });
});

test("hands on nothing that is not carried, to no stranger and to no laxer agent", async () => {
  const { app, owner, createOperator } = await world();
  const stranger = await createOperator("stranger");
  const [strict, lax, foreign] = [
    await registerAgent(owner, "strict", { accountability_mode: "enforced" }),
    await registerAgent(owner, "lax"),
    await registerAgent(stranger, "foreign"),
  ];
  const intent = { summary: "x", services: [] };
  const held = await issue(owner, strict.id, { intent });
  const other = await issue(owner, lax.id);
  const give = (who: Operator, parent: Issued, child: string) =>
    who.refused("stack_delegate_passport", { parent_token: parent.token, child_agent_id: child });
  expect(await give(owner, held, lax.id)).toMatchObject({
    code: "DELEGATION_ACCOUNTABILITY_VIOLATION",
  });
  expect(await give(owner, held, foreign.id)).toMatchObject({ code: "NOT_FOUND" });
  expect(await give(stranger, held, foreign.id)).toMatchObject({ code: "FORBIDDEN" });
  expect(await give(carrying(app, other.token), held, strict.id)).toMatchObject({
    code: "FORBIDDEN",
  });
  expect(
    await carrying(app, other.token).refused("stack_revoke_passport", { jti: held.jti }),
  ).toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await stranger.refused("stack_revoke_passport", { jti: held.jti })).toMatchObject({
    code: "NOT_FOUND",
  });
  const child = await carrying(app, other.token).ok<Issued>("stack_delegate_passport", {
    parent_token: other.token,
    child_agent_id: lax.id,
  });
  expect(
    await carrying(app, child.token).refused("stack_revoke_passport", { jti: other.jti }),
  ).toMatchObject({
    code: "NOT_FOUND",
  });
  await carrying(app, other.token).ok("stack_revoke_passport", { jti: child.jti });
});
