import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../../storage/repositories/sealed-blobs.ts";
import type { SkillVersion } from "../../../../storage/repositories/skill-rows.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Prompt } from "../../../domain/market/skill.ts";
import type { MetLimit } from "../../../domain/runs/invocation.ts";
import type { Misfit } from "../../../schemas/compile.ts";
import type { SchemaChecker } from "../../../schemas/schema-checker.ts";
import { type Json, type JsonProblem, jsonProblem } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { type Measured, payloadOf } from "../../../shared/payload.ts";
import type { EgressRun } from "../../egress/egress-terms.ts";
import { boundsOf, credentialsOf } from "../../skills/version-needs.ts";
import type { Completion, Failure } from "./finalize-invocation.ts";
import type { PipelineResult, StepTexts } from "./pipeline-run.ts";

/** An invocation under the lease of a process, with everything that its run needs. */
export interface Assignment {
  readonly invocation: Invocation;
  readonly version: SkillVersion;
  readonly input: Measured;
}

/** The end of a run, as it is recorded. */
export type RunEnd =
  | { readonly kind: "completed"; readonly completion: Completion }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The steps of a version, sealed in the store until they are needed. */
export function storedTexts(store: Store, versionId: string): StepTexts {
  return {
    script: (index) => store.read((r) => r.sealed.package(sealedOwner.script(versionId, index))),
    prompt: async (index) =>
      JSON.parse(
        await store.read((r) => r.sealed.open(sealedOwner.prompt(versionId, index))),
      ) as Prompt,
  };
}

/** Returns the hosts and credentials that a run may use, and the parties that pay for them. */
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

/**
 * Checks an output before a cent moves: its bounds, its schema and its canonical form.
 */
export async function checkedResult(
  schemas: SchemaChecker,
  { version }: Assignment,
  result: PipelineResult,
): Promise<PipelineResult> {
  if (result.kind === "failed") return result;
  const { output, computeMicroUsd, usage, standIn } = result;
  const { pipeline, output_schema: outputSchema } = version;
  const fault = await outputFault(schemas, outputSchema, output);
  if (!fault) return result;
  const { misfits: _places, ...failure } = fault;
  return {
    kind: "failed",
    step: pipeline.length,
    line: undefined,
    computeMicroUsd,
    usage,
    standIn,
    ...failure,
  };
}

/** The reason an output cannot be delivered. */
export interface OutputFault {
  readonly verdict: "output_too_large" | "output_invalid";
  readonly limit?: MetLimit;
  /** The message with the place, which may carry anybody's data. */
  readonly guestMessage?: string;
  readonly misfits: readonly Misfit[];
}

/** Returns the fault of an output; the same for a draft as for a paid run. */
export async function outputFault(
  schemas: SchemaChecker,
  outputSchema: Json,
  { value, bytes }: Measured,
): Promise<OutputFault | undefined> {
  if (bytes > LIMITS.outputBytes) {
    return {
      verdict: "output_too_large",
      limit: { name: "output_bytes", value: LIMITS.outputBytes },
      misfits: [],
    };
  }
  const problem = jsonProblem(value, LIMITS.jsonDepth);
  if (problem) {
    const guestMessage = `${["output", problem.path].filter(Boolean).join(".")} ${problem.rule}`;
    return { verdict: "output_invalid", limit: KEPT_OUT[problem.kind], guestMessage, misfits: [] };
  }
  const misfits = await schemas.misfits(outputSchema, value);
  const [first] = misfits;
  if (!first) return undefined;
  return {
    verdict: "output_invalid",
    guestMessage: `output${dotted(first.path)} ${first.message}`,
    misfits,
  };
}

const KEPT_OUT: Readonly<Record<JsonProblem["kind"], MetLimit>> = {
  depth: { name: "json_depth", value: LIMITS.jsonDepth },
  digits: { name: "whole_number", value: Number.MAX_SAFE_INTEGER },
  unicode: { name: "unicode" },
};

/** `/items/0` as `.items.0`. */
function dotted(pointer: string): string {
  return pointer === "/"
    ? ""
    : pointer.replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Returns the result of a run that was aborted in a step. */
export function lostAt(step: number) {
  const used = { line: undefined, computeMicroUsd: undefined, standIn: false };
  return { kind: "failed", verdict: "lost", step, ...used } as const;
}

/**
 * Returns the recorded end of a run. The text of a guest's fault stays secret for a sealed skill;
 * for a source skill both sides read it.
 */
export function runEndOf({ execution_mode }: Invocation, result: PipelineResult): RunEnd {
  if (result.kind === "ok") {
    return { kind: "completed", completion: { ...result, output: payloadOf(result.output) } };
  }
  const { guestMessage, cause, ...failure } = result;
  const explanation = execution_mode === "source" ? { reason: guestMessage ?? cause } : { cause };
  return { kind: "failed", failure: { ...failure, ...explanation } };
}
