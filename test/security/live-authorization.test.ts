import { expect, test } from "vitest";
import { Secret } from "../../src/shared/secret.ts";
import { agentAtWork } from "../helpers/agent-at-work.ts";
import { carrying, enrol, type Issued, registerAgent } from "../helpers/agents.ts";
import type { TestApp } from "../helpers/app.ts";
import { clockAt } from "../helpers/clock.ts";
import { type Operator, WHOLE } from "../helpers/operator.ts";
import { operationNamed } from "../helpers/server.ts";
import { sealedScript } from "../helpers/skills.ts";

/** Lets something happen between a caller's being let in and its transaction. */
function beforeNextTransaction(app: TestApp["app"], what: () => Promise<unknown>): void {
  const { store } = app;
  const transact = store.transact.bind(store);
  store.transact = async (gates, work) => {
    store.transact = transact;
    await what();
    return transact(gates, work);
  };
}

const BLOWS: [
  string,
  (w: Awaited<ReturnType<typeof agentAtWork>>, child: Issued) => Promise<unknown>,
][] = [
  [
    "its passport is revoked",
    ({ owner, passport }) => owner.ok("stack_revoke_passport", { jti: passport.jti }),
  ],
  [
    "its passport is checked out",
    ({ owner, passport }) => owner.ok("stack_checkout", { jti: passport.jti }),
  ],
  [
    "its agent is suspended",
    ({ owner, agent }) =>
      owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
  ],
  [
    "its agent is deleted",
    ({ owner, agent }) => owner.ok("stack_delete_agent", { agent_id: agent.id }),
  ],
  [
    "its skills are taken away",
    ({ owner, agent }) =>
      owner.ok("stack_update_agent", { agent_id: agent.id, skill_access_mode: "allowed" }),
  ],
];

const PRINCIPALS = ["the passport", "a child of it", "the agent's own signature"] as const;

test.each(BLOWS.flatMap(([name, blow]) => PRINCIPALS.map((by) => [name, by, blow] as const)))(
  "takes no hold when %s at the last moment, by %s",
  async (name, by, blow) => {
    const made = await agentAtWork({ start: false });
    const { app, owner, agent, passport, order, carried } = made;
    const child = await owner.ok<Issued>("stack_delegate_passport", {
      parent_token: passport.token,
      child_agent_id: agent.id,
    });
    const signed = await enrol(app, owner, agent.id);
    const who = {
      "the passport": carried,
      "a child of it": carrying(app, child.token),
      "the agent's own signature": signed,
    }[by];
    await who.ok("stack_browse_skills");
    beforeNextTransaction(app, () => blow(made, child));
    const { ok } = await who.call("stack_invoke_skill", order);
    // What befalls a passport does not bind the agent's own signature.
    expect(ok).toBe(by === PRINCIPALS[2] && name.includes("passport"));
    expect(await owner.ok("stack_get_balance")).toMatchObject({ held_cents: ok ? 100 : 0 });
  },
);

test.each([
  "stack_delegate_passport",
  "stack_checkpoint",
  "stack_refresh_passport",
  "stack_issue_passport",
])("refuses %s when its agent is suspended at the last moment", async (tool) => {
  const { app, owner, agent, passport, carried } = await agentAtWork({ start: false });
  const signed = await enrol(app, owner, agent.id);
  const [who, input] = {
    stack_delegate_passport: [carried, { parent_token: passport.token, child_agent_id: agent.id }],
    stack_checkpoint: [carried, { jti: passport.jti }],
    stack_refresh_passport: [signed, { jti: passport.jti }],
    stack_issue_passport: [signed, { agent_id: agent.id }],
  }[tool] as [Operator, Record<string, unknown>];
  await who.call("stack_browse_skills");
  beforeNextTransaction(app, () =>
    owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
  );
  expect(await who.refused(tool, input)).toMatchObject({ code: "FORBIDDEN" });
});

test("tells a waiter nothing after a revocation, and ends its agent's work", async () => {
  const { app, seller, owner, agent, passport, order, carried } = await agentAtWork();
  const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  const { promise: waits, resolve: tell } = Promise.withResolvers<void>();
  const waiting = app.engine.run({
    operation: operationNamed("stack_check_invocation"),
    input: { invocation_id: id, wait_ms: 20_000 },
    credential: { kind: "bearer", token: new Secret(passport.token), source: "the test" },
    profile: WHOLE,
    signal: new AbortController().signal,
    progress: () => tell(),
  });
  await waits;
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  await seller.ok("stack_complete_invocation", { invocation_id: id, output: { text: "secret" } });
  expect(await waiting).toMatchObject({ ok: false, error: { code: "PASSPORT_REVOKED" } });
  const forever = await seller.ok<{ id: string }>("stack_publish_skill", sealedScript("for (;;);"));
  for (const blow of [
    () => owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
    () => enrol(app, owner, agent.id),
    () => owner.ok("stack_delete_agent", { agent_id: agent.id }),
  ]) {
    await owner.ok("stack_update_agent", { agent_id: agent.id, status: "active" });
    const signed = await enrol(app, owner, agent.id);
    const run = await signed.ok<{ id: string }>("stack_invoke_skill", {
      skill_id: forever.id,
      input: {},
      wait_ms: 0,
    });
    await blow();
    // Suspended, known by another key, or gone: what was let in before is let in no more.
    expect((await signed.call("stack_browse_skills")).ok).toBe(false);
    expect(await owner.ok("stack_check_invocation", { invocation_id: run.id })).toMatchObject({
      status: "cancelled",
    });
  }
});

test("does not offer lapsed work again once its passport is revoked", async () => {
  let now = Date.now();
  const { app, seller, owner, passport, order, carried } = await agentAtWork({
    start: false,
    clock: clockAt(() => now),
  });
  const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  now += 6 * 60_000;
  await app.chores.pass();
  expect(await owner.ok("stack_check_invocation", { invocation_id: id })).toMatchObject({
    status: "cancelled",
    held_cents: 0,
  });
});

test("lets a blocked agent in nowhere, by its signature neither", async () => {
  const { app, owner, agent } = await agentAtWork();
  const strict = await registerAgent(owner, "strict", { accountability_mode: "enforced" });
  const signed = await enrol(app, owner, strict.id);
  const issued = await signed.ok<Issued>("stack_issue_passport", {
    agent_id: strict.id,
    intent: { summary: "x", services: [] },
  });
  await signed.ok("stack_checkpoint", { jti: issued.jti, services_used: ["bank"] });
  const out = await signed.ok<{ id: string }>("stack_checkout", { jti: issued.jti });
  await owner.ok("stack_review_checkout", { checkout_id: out.id, decision: "block" });
  expect(await signed.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_BLOCKED" });
  expect(agent.id).not.toBe(strict.id);
});
