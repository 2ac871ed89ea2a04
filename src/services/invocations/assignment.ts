import type { Invocation } from "../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { SkillVersion } from "../../../storage/repositories/skills.ts";
import type { Store } from "../../../storage/store.ts";
import type { Prompt } from "../../domain/skill.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { jsonProblem } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { type Measured, payloadOf } from "../../shared/payload.ts";
import type { EgressRun } from "../egress/run-egress.ts";
import { boundsOf, credentialsOf } from "./admission.ts";
import type { Completion, Failure } from "./endings.ts";
import type { PipelineResult, StepTexts } from "./pipeline-runner.ts";

/** An invocation that a process holds the lease of, with all that running it takes. */
export interface Assignment {
  readonly invocation: Invocation;
  readonly version: SkillVersion;
  readonly input: Measured;
}

/** The end of a run, as it is recorded. */
export type RunEnding =
  | { readonly kind: "completed"; readonly completion: Completion }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The steps of a version, sealed in the store until they are needed. */
export function storedTexts(store: Store, versionId: string): StepTexts {
  return {
    script: (index) => store.read((r) => r.sealed.package(sealedOwner.script(versionId, index))),
    prompt: async (index) =>
      JSON.parse(await store.read((r) => r.sealed.open(sealedOwner.prompt(versionId, index)))) as Prompt,
  };
}

/** The hosts and credentials that a run may use, and on whose account. */
export function egressOf({ invocation, version }: Assignment): EgressRun {
  const { id, skill_id, buyer_id: buyerId, publisher_id: publisherId } = invocation;
  return {
    buyerId,
    publisherId,
    hosts: version.egress_hosts,
    credentials: credentialsOf(version),
    bounds: boundsOf(version),
    about: { invocation_id: id, skill_id },
  };
}

/** The output has to fit its bounds and its schema, and to have a canonical form, before a cent moves. */
export async function checkedResult(
  schemas: SchemaChecker,
  { version }: Assignment,
  result: PipelineResult,
): Promise<PipelineResult> {
  if (result.kind === "failed") return result;
  const { output, computeMicroUsd, usage, standIn } = result;
  const { pipeline, output_schema: outputSchema } = version;
  const ran = { step: pipeline.length, line: undefined, computeMicroUsd, usage, standIn };
  const failed = { kind: "failed", ...ran } as const;
  if (output.bytes > LIMITS.outputBytes) {
    const limit = { name: "output_bytes", value: LIMITS.outputBytes } as const;
    return { ...failed, verdict: "output_too_large", limit };
  }
  if (jsonProblem(output.value, LIMITS.jsonDepth) !== undefined) return { ...failed, verdict: "output_invalid" };
  const misfits = await schemas.misfits(outputSchema, output.value);
  return misfits.length === 0 ? result : { ...failed, verdict: "output_invalid" };
}

/** A run that was given up in a step. */
export function lostAt(step: number) {
  const used = { line: undefined, computeMicroUsd: undefined, standIn: false };
  return { kind: "failed", verdict: "lost", step, ...used } as const;
}

/** The text of a guest's fault stays inside the seal; where the code is open to all, both sides are told. */
export function endingOf({ execution_mode }: Invocation, result: PipelineResult): RunEnding {
  if (result.kind === "ok") {
    return { kind: "completed", completion: { ...result, output: payloadOf(result.output) } };
  }
  const { guestMessage, ...failure } = result;
  return { kind: "failed", failure: execution_mode === "source" ? { ...failure, reason: guestMessage } : failure };
}
