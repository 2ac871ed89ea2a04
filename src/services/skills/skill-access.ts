import { distance } from "fastest-levenshtein";
import type { Skill } from "../../../storage/repositories/skill-rows.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { oneLetterApart, skeletonOf } from "../../domain/market/confusable.ts";
import type { PlanLimits } from "../../domain/money/plans.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";

/** Finds a skill that the caller may see. Throws SKILL_NOT_FOUND for a missing or hidden one. */
export async function requireVisible(r: Reader, caller: Caller, skillId: string): Promise<Skill> {
  const skill = await findSkill(r, skillId);
  if (!skill || !isVisible(skill, caller)) throw new DomainError("SKILL_NOT_FOUND");
  return skill;
}

/** Finds a skill of the caller. Throws SKILL_NOT_FOUND for a missing or foreign one. */
export async function requireOwn(r: Reader, caller: Caller, skillId: string): Promise<Skill> {
  const skill = await findSkill(r, skillId);
  if (skill?.publisher_id === caller.operatorId) return skill;
  throw new DomainError(
    "SKILL_NOT_FOUND",
    "There is no such skill of yours. stack_list_my_skills shows them.",
  );
}

/**
 * Throws TIER_LIMIT_EXCEEDED when the plan has no room for one more skill that is not suspended.
 */
export async function requireRoom(t: Reader, caller: Caller, limitsOf: PlanLimits): Promise<void> {
  const { published_skills: most } = limitsOf(caller.plan);
  if (most === null || (await t.skills.countOf(caller.operatorId)) < most) return;
  throw new DomainError(
    "TIER_LIMIT_EXCEEDED",
    `The plan ${caller.plan} has room for ${most} skills. Suspend one with stack_suspend_skill, or take a larger plan with stack_subscribe.`,
    { limit: most },
  );
}

/** Number of buyers from which a skill's name is protected. */
const KNOWN_BY = 3;
const SHOWN = 3;

/**
 * Throws INVALID_REQUEST for a name that looks like the name of a known skill. Equal names are
 * allowed: their publishers distinguish them.
 */
export async function requireDistinctName(r: Reader, caller: Caller, name: string): Promise<void> {
  const alike = await r.skills.listLike(skeletonOf(name), caller.operatorId);
  const known = alike.find((other) => other.name !== name && other.buyers >= KNOWN_BY);
  if (!known) return;
  const message = `name looks like ${known.name} by ${known.publisher}, which buyers know: choose a name that nobody mistakes for it, or exactly that name.`;
  throw invalidRequest("name", message);
}

/**
 * Lists skills of others with a confusable name: one letter apart, or alike to the eye.
 */
export async function mistakenFor(
  r: Reader,
  { name, publisher_id, skeleton }: Skill,
): Promise<string[]> {
  const near = await r.skills.listNear(oneLetterApart(name), skeleton, publisher_id, SHOWN + 1);
  const others = near.filter((other) => other.name !== name);
  return others.slice(0, SHOWN).map((other) => `${other.name} by ${other.publisher}`);
}

/**
 * Tells whether two skills of different publishers have different names that are easily confused.
 */
export function looksLike({ name, skeleton, publisher_id }: Skill, other: Skill): boolean {
  return (
    publisher_id !== other.publisher_id && name !== other.name && isNear(name, skeleton, other.name)
  );
}

function isNear(name: string, skeleton: string, other: string): boolean {
  return distance(other, name) === 1 || skeletonOf(other) === skeleton;
}

export async function findSkill(r: Reader, skillId: string): Promise<Skill | undefined> {
  return isId("skl", skillId) ? r.skills.find(skillId) : undefined;
}

export function isVisible(skill: Skill, caller: Caller): boolean {
  if (skill.status === "active" || skill.status === "unlisted") return true;
  if (skill.publisher_id === caller.operatorId) return true;
  return skill.status === "pending_review" && caller.scopes.includes("admin");
}
