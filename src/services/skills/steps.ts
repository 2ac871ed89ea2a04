import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import type { Founding, Reader } from "../../../storage/repository-table.ts";
import type { PlannedStep, Prompt, Step } from "../../domain/market/skill.ts";
import { promptOf } from "../../domain/runs/pipeline-plan.ts";

/**
 * Seals the texts of a version's steps, each part by itself: a script opens only in its child.
 */
export async function sealSteps(
  t: Founding,
  versionId: string,
  steps: readonly Step[],
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (step.type === "script")
      await t.sealed.insert(sealedOwner.script(versionId, index), step.code);
    else
      await t.sealed.insert(
        sealedOwner.prompt(versionId, index),
        JSON.stringify(promptOf(step, index)),
      );
  }
}

/** Returns the steps in clear: for their publisher, and for everybody in mode `source`. */
export async function readSteps(r: Reader, version: SkillVersion): Promise<Step[]> {
  const steps = [];
  for (const [index, plan] of version.pipeline.entries())
    steps.push(await readStep(r, version.id, index, plan));
  return steps;
}

async function readStep(
  r: Reader,
  versionId: string,
  index: number,
  plan: PlannedStep,
): Promise<Step> {
  const label = plan.label === undefined ? {} : { label: plan.label };
  if (plan.type === "script") {
    const code = await r.sealed.open(sealedOwner.script(versionId, index));
    return { type: "script", ...label, runtime: plan.runtime, code };
  }
  const { system_prompt, user_message } = JSON.parse(
    await r.sealed.open(sealedOwner.prompt(versionId, index)),
  ) as Prompt;
  return {
    type: "llm",
    ...label,
    model: plan.model,
    ...(system_prompt === undefined ? {} : { system_prompt }),
    user_message,
    ...(plan.temperature === undefined ? {} : { temperature: plan.temperature }),
    max_tokens: plan.max_tokens,
    ...(plan.allow_cut ? { allow_cut: true } : {}),
    ...(plan.json ? { json: true } : {}),
  };
}
