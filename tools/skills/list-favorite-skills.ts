import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { skillListing } from "../views.ts";

export const listFavoriteSkills = defineOperation({
  name: "stack_list_favorite_skills",
  title: "List favorite skills",
  description:
    "The skills that you bookmarked with stack_favorite_skill, newest skill first. stack_get_skill shows one whole.",
  scope: "skills:read",
  input: z.strictObject({ limit, cursor }),
  output: page(skillListing),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/favorites", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.listings.listFavorites(caller, input),
});
