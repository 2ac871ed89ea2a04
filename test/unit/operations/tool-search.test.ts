import { expect, test } from "vitest";
import { instructionsFor } from "../../../src/faces/mcp/prompts/instructions.ts";
import { AGENT_RIGHTS, fitted, profileOf } from "../../../src/operations/profile.ts";
import { ToolSearch } from "../../../src/operations/tool-search.ts";
import { OPERATIONS } from "../../../tools/registry.ts";

const search = await ToolSearch.over(
  OPERATIONS.filter(({ mcp, kind }) => mcp !== false && kind === undefined),
);

test.each([
  ["refund", "stack_refund_topup"],
  ["refunds", "stack_refund_topup"],
  ["give my money back", "stack_refund_topup"],
  ["unpublish", "stack_unlist_skill"],
  ["deposit", "stack_topup"],
  ["add funds", "stack_topup"],
  ["oauth", "stack_connect_custom_service"],
  ["store an api key", "stack_connect_custom_service"],
  ["logs", "stack_query_audit"],
  ["audit log", "stack_query_audit"],
  ["see who rated my skill", "stack_get_skill_ratings"],
  ["reviews of a skill", "stack_get_skill_ratings"],
  ["withdraw", "stack_list_payouts"],
  ["payouts", "stack_list_payouts"],
  ["wallet history", "stack_list_transactions"],
  ["transaction", "stack_list_transactions"],
  ["favourite skills", "stack_list_favorite_skills"],
  ["bookmarks", "stack_list_favorite_skills"],
  ["request board", "stack_list_skill_requests"],
  ["try a draft", "stack_test_skill"],
  ["testing", "stack_test_skill"],
  ["edit my skill", "stack_update_skill"],
  ["updates", "stack_update_skill"],
  ["versions", "stack_list_skill_versions"],
  ["pause my skill", "stack_suspend_skill"],
  ["connected services", "stack_list_connected_services"],
  ["issue passports", "stack_issue_passport"],
  ["verify identity", "stack_start_verification"],
  ["receipts", "stack_get_receipt"],
  ["upgrade my plan", "stack_subscribe"],
  ["STACK_GET_RECEIPT ", "stack_get_receipt"],
])("finds for the words %s the tool %s among the first three, and at most eight", (query, name) => {
  const found = search.find(query).map((operation) => operation.name);
  expect(found.slice(0, 3)).toContain(name);
  expect(found.length).toBeLessThanOrEqual(8);
});

test("finds a tool for every word of our own instructions", () => {
  const whole = profileOf(OPERATIONS);
  const words = [whole, fitted(whole, AGENT_RIGHTS)].flatMap((profile) =>
    (/More tools \(([^)]+)\)/.exec(instructionsFor(profile))?.[1] ?? "").split("; "),
  );
  const told = OPERATIONS.find(({ name }) => name === "stack_find_tools")?.description ?? "";
  const [, more = ""] = /are not listed: ([^.]+)\./.exec(told) ?? [];
  const all = `${words.join(", ")}, ${more}`.split(/, | and /);
  expect(all.length).toBeGreaterThan(10);
  for (const word of all) expect([word, search.find(word).length > 0]).toEqual([word, true]);
});

test("finds nothing for words that are about nothing here", () => {
  for (const query of ["zebra", "the of and", "", "金额"]) expect(search.find(query)).toEqual([]);
});
