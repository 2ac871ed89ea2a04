import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { skillId, staying, WRITES } from "../fields.ts";
import { publishedSkill } from "../views.ts";
import { draft } from "./draft-fields.ts";
import { normaliseDraft } from "./input-aliases.ts";

export const updateSkill = defineOperation({
  name: "stack_update_skill",
  title: "Update a skill",
  description:
    "Change a skill of yours; what you leave out stays. A change of schemas, steps, mode, credentials, egress, price or trust level makes a new version (the next patch, or the higher version you give); description, tags and settings do not. min_version withdraws old versions from pins. The name is fixed.",
  scope: "skills:publish",
  input: z.strictObject({ skill_id: skillId }).extend(
    staying({
      ...draft,
      min_version: draft.version.describe("Others cannot pin a version below this"),
    }),
  ),
  output: publishedSkill,
  idempotency: "none",
  toolset: "publish",
  mcp: WRITES,
  command: "skill publish",
  rest: { method: "PATCH", path: "/v1/skills/:skill_id", status: 200 },
  normalise: normaliseDraft,
  example: {
    skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx",
    description: "A better description.",
    tags: ["text"],
  },
  handle: ({ skill_id, ...change }, { caller, services }) =>
    services.publishing.update(caller, skill_id, change),
});
