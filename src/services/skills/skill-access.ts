import type { Skill } from "../../../storage/repositories/skills.ts";
import type { Reader } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
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

export async function findSkill(r: Reader, skillId: string): Promise<Skill | undefined> {
  return isId("skl", skillId) ? r.skills.find(skillId) : undefined;
}

export function isVisible(skill: Skill, caller: Caller): boolean {
  if (skill.status === "active" || skill.status === "unlisted") return true;
  if (skill.publisher_id === caller.operatorId) return true;
  return skill.status === "pending_review" && caller.scopes.includes("admin");
}
