import * as z from "zod";
import { SKILL_STATUSES } from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { skillListing } from "../views.ts";

export const listMySkills = defineOperation({
  name: "stack_list_my_skills",
  title: "List my skills",
  description:
    "The skills you publish, newest first, whatever their status. stack_get_skill shows one with its steps, stack_update_skill changes it.",
  scope: "skills:publish",
  input: z.strictObject({
    status: z.enum(SKILL_STATUSES).optional().meta(ABSENT_IS_LESS),
    limit,
    cursor,
  }),
  output: page(skillListing),
  idempotency: "none",
  toolset: "publish",
  mcp: READS,
  command: "skill list",
  rest: { method: "GET", path: "/v1/skills/mine", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.listings.listOwn(caller, input),
});
