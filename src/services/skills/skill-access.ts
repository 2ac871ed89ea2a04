import type { Skill } from "../../../storage/repositories/skill-rows.ts";
import type { Reader } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import type { PlanLimits } from "../../domain/plans.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";

/** A skill that the caller may see. Throws SKILL_NOT_FOUND alike for a missing and a hidden one. */
export async function requireVisible(r: Reader, caller: Caller, skillId: string): Promise<Skill> {
  const skill = await findSkill(r, skillId);
  if (!skill || !isVisible(skill, caller)) throw new DomainError("SKILL_NOT_FOUND");
  return skill;
}

/** A skill of the caller's own. Throws SKILL_NOT_FOUND alike for a missing and a foreign one. */
export async function requireOwn(r: Reader, caller: Caller, skillId: string): Promise<Skill> {
  const skill = await findSkill(r, skillId);
  if (skill?.publisher_id === caller.operatorId) return skill;
  throw new DomainError("SKILL_NOT_FOUND", "There is no such skill of yours. stack_list_my_skills shows them.");
}

/** Throws TIER_LIMIT_EXCEEDED when the plan has no room for one more skill that is not suspended. */
export async function requireRoom(t: Reader, caller: Caller, limitsOf: PlanLimits): Promise<void> {
  const { published_skills: most } = limitsOf(caller.plan);
  if (most === null || (await t.skills.countOf(caller.operatorId)) < most) return;
  throw new DomainError(
    "TIER_LIMIT_EXCEEDED",
    `The plan ${caller.plan} has room for ${most} skills. Suspend one with stack_suspend_skill, or take a larger plan with stack_subscribe.`,
    { limit: most },
  );
}

export async function findSkill(r: Reader, skillId: string): Promise<Skill | undefined> {
  return isId("skl", skillId) ? r.skills.find(skillId) : undefined;
}

export function isVisible(skill: Skill, caller: Caller): boolean {
  if (skill.status === "active" || skill.status === "unlisted") return true;
  if (skill.publisher_id === caller.operatorId) return true;
  return skill.status === "pending_review" && caller.scopes.includes("admin");
}
