import { expect, test } from "vitest";
import * as z from "zod";
import type { Scope } from "../../../src/domain/identity/caller.ts";
import { defineOperation } from "../../../src/operations/define-operation.ts";
import { errorBody } from "../../../src/operations/error-body.ts";
import { Secret } from "../../../src/shared/secret.ts";
import { READS } from "../../../tools/fields.ts";
import { openTestApp } from "../../helpers/app.ts";

interface Change {
  readonly scope?: Scope;
  readonly handle?: () => Promise<{ shown: string }>;
}

/**
 * An operation for the test, run by the real engine as an ordinary operator or as the local one.
 */
async function run(change: Change, as: "operator" | "local" = "operator") {
  // It returns more than it says.
  const { app, createOperator, logged } = await openTestApp({ start: false, inspect: () => {} });
  const { apiKey } = await createOperator("somebody");
  const operation = defineOperation({
    name: "stack_probe",
    title: "Probe",
    description: "For a test.",
    scope: change.scope ?? "skills:read",
    input: z.strictObject({}),
    output: z.object({ shown: z.string() }),
    idempotency: "none",
    toolset: "core",
    mcp: READS,
    rest: false,
    example: {},
    handle: change.handle ?? (async () => ({ shown: "yes", internal: "column" })),
  });
  const key = { kind: "bearer", token: new Secret(apiKey), source: "the test" } as const;
  const credential = as === "local" ? ({ kind: "local" } as const) : key;
  const outcome = await app.engine.run({
    operation,
    input: {},
    credential,
    profile: { listed: [operation], usable: [operation], allowed: [operation], isForAgent: false },
    signal: new AbortController().signal,
  });
  return { outcome, logged };
}

test("rejects a caller without the scope, naming the missing one", async () => {
  const { outcome } = await run({ scope: "admin" });
  expect(outcome).toMatchObject({
    ok: false,
    error: { code: "FORBIDDEN", details: { scope: "admin" } },
  });
  expect((await run({ scope: "admin" }, "local")).outcome).toMatchObject({ ok: true });
});

test("keeps back what an operation's output does not list", async () => {
  expect((await run({})).outcome).toEqual({ ok: true, value: { shown: "yes" } });
});

test("answers an unknown error with INTERNAL and an id from the log, and no more", async () => {
  const handle = async () => {
    throw new Error("secret detail");
  };
  const { outcome, logged } = await run({ handle });
  if (outcome.ok) throw new Error("it was not refused");
  const body = JSON.stringify(errorBody(outcome.error));
  expect(body).not.toContain("secret detail");
  const { error_id } = outcome.error.details as { error_id: string };
  expect(logged.join("\n")).toContain(error_id);
  expect(logged.join("\n")).toContain("secret detail");
});

test("answers a 402 with the flat body that is documented", async () => {
  const { createOperator } = await openTestApp();
  const [seller, poor] = [
    await createOperator("seller"),
    await createOperator("poor", { fundCents: 0 }),
  ];
  const draft = {
    name: "dear",
    description: "x",
    version: "1.0.0",
    trust_level_required: "L0",
    price_per_invocation: 10,
  };
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", {
    ...draft,
    input_schema: {},
    output_schema: {},
  });
  const outcome = await poor.call("stack_invoke_skill", { skill_id: skill.id, input: {} });
  if (outcome.ok) throw new Error("it was not refused");
  expect(errorBody(outcome.error)).toEqual({
    error: "insufficient_balance",
    code: "INSUFFICIENT_CREDITS",
    message: expect.stringContaining("operator fund"),
    retry: "after_action",
    required_cents: 10,
    balance_cents: 0,
  });
});

test("names the known field that each unknown one was meant for", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const caller = await createOperator("somebody");
  const refused = await caller.refused("stack_quote_skill", {
    skil_id: "skl_1",
    versoin: "1.0.0",
    zzzzzz: 1,
  });
  expect(refused.details).toEqual({
    issues: [
      { path: "skill_id", rule: "is missing" },
      { path: "skil_id", rule: "is not a known field, but skill_id is" },
      { path: "versoin", rule: "is not a known field, but version is" },
      { path: "zzzzzz", rule: "is not a known field" },
    ],
  });
});

test("names the first few of many unknown fields", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const caller = await createOperator("somebody");
  const many = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`field_${index}`, 1]),
  );
  const refused = await caller.refused("stack_get_balance", many);
  expect(refused.details).toEqual({ issues: expect.objectContaining({ length: 8 }) });
});
