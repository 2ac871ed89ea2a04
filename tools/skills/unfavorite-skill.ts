import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, skillId } from "../fields.ts";

export const unfavoriteSkill = defineOperation({
  name: "stack_unfavorite_skill",
  title: "Unfavorite a skill",
  description:
    "Remove a skill from your bookmarks in stack_list_favorite_skills. A repeated call changes nothing.",
  scope: "skills:invoke",
  input: z.strictObject({ skill_id: skillId }),
  output: z.object({ skill_id: z.string(), favorite: z.boolean() }),
  idempotency: "none",
  toolset: "market",
  mcp: IDEMPOTENT,
  rest: { method: "DELETE", path: "/v1/skills/:skill_id/favorite", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.skills.setFavorite(caller, input.skill_id, false),
});
