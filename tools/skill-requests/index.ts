import type { Operation } from "../../src/operations/define-operation.ts";
import { getSkillRequest } from "./get-skill-request.ts";
import { listSkillRequests } from "./list-skill-requests.ts";
import { matchSkillRequest } from "./match-skill-request.ts";
import { postSkillRequest } from "./post-skill-request.ts";
import { suggestComposition } from "./suggest-composition.ts";
import { updateSkillRequest } from "./update-skill-request.ts";

/** The request board: skills that buyers look for. */
export const SKILL_REQUESTS: readonly Operation[] = [
  postSkillRequest,
  listSkillRequests,
  getSkillRequest,
  updateSkillRequest,
  matchSkillRequest,
  suggestComposition,
];
