import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, skillId } from "../fields.ts";

export const favoriteSkill = defineOperation({
  name: "stack_favorite_skill",
  title: "Favorite a skill",
  description:
    "Bookmark a skill: stack_list_favorite_skills lists it. A repeated call changes nothing.",
  scope: "skills:invoke",
  input: z.strictObject({ skill_id: skillId }),
  output: z.object({ skill_id: z.string(), favorite: z.boolean() }),
  idempotency: "none",
  toolset: "market",
  mcp: IDEMPOTENT,
  rest: { method: "POST", path: "/v1/skills/:skill_id/favorite", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.skills.setFavorite(caller, input.skill_id, true),
});
