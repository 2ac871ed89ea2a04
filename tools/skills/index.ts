import type { Operation } from "../../src/operations/define-operation.ts";
import { activateSkill } from "./activate-skill.ts";
import { browseSkills } from "./browse-skills.ts";
import { checkTrustLevel } from "./check-trust-level.ts";
import { favoriteSkill } from "./favorite-skill.ts";
import { getSkill } from "./get-skill.ts";
import { getSkillRatings } from "./get-skill-ratings.ts";
import { listFavoriteSkills } from "./list-favorite-skills.ts";
import { listMySkills } from "./list-my-skills.ts";
import { listSales } from "./list-sales.ts";
import { listSkillVersions } from "./list-skill-versions.ts";
import { publishSkill } from "./publish-skill.ts";
import { rateSkill } from "./rate-skill.ts";
import { suspendSkill } from "./suspend-skill.ts";
import { testSkill } from "./test-skill.ts";
import { unfavoriteSkill } from "./unfavorite-skill.ts";
import { unlistSkill } from "./unlist-skill.ts";
import { updateSkill } from "./update-skill.ts";

/** Skills: finding, publishing and managing them. */
export const SKILLS: readonly Operation[] = [
  browseSkills,
  getSkill,
  checkTrustLevel,
  rateSkill,
  publishSkill,
  testSkill,
  updateSkill,
  listMySkills,
  listSkillVersions,
  listSales,
  suspendSkill,
  activateSkill,
  unlistSkill,
  getSkillRatings,
  listFavoriteSkills,
  favoriteSkill,
  unfavoriteSkill,
];
