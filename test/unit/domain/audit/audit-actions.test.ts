import { expect, test } from "vitest";
import { AUDIT_ACTIONS } from "../../../../src/domain/audit/audit-actions.ts";

const actions = Object.entries(AUDIT_ACTIONS);

test.each(actions)("describes %s in one sentence, with the chain that holds it", (name, action) => {
  expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/);
  expect(action.sentence).toMatch(/^[A-Z].*\.$/);
  expect(action.chain).not.toBe("");
});

test.each(actions)("names each detail of %s once, in small letters", (_, { details }) => {
  expect(new Set(details).size).toBe(details.length);
  for (const field of details) expect(field).toMatch(/^[a-z_]+$/);
});

test.each(actions)("has no room for content in %s", (_, { details }) => {
  const content = ["input", "output", "summary", "secret", "token", "code", "prompt", "body"];
  expect(details.filter((field) => content.includes(field))).toEqual([]);
});
