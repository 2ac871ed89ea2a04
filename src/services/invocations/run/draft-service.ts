import type { SealedPackage } from "../../../../storage/repositories/sealed-blobs.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { ownedCredentials } from "../../../domain/identity/connection.ts";
import {
  isRunHere,
  type PlannedStep,
  providersOf,
  type SkillContent,
  type Step,
} from "../../../domain/market/skill.ts";
import { computeChargeCents } from "../../../domain/money/money.ts";
import type { PlanLimits } from "../../../domain/money/plans.ts";
import {
  type PriceList,
  reserveCents,
  reserveMicroUsd,
  sellerBounds,
} from "../../../domain/runs/metering.ts";
import { planSteps, promptOf } from "../../../domain/runs/pipeline-plan.ts";
import { standInNote } from "../../../domain/runs/stand-in-note.ts";
import type { LlmProviders } from "../../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../../schemas/schema-checker.ts";
import { type Clock, dayOf } from "../../../shared/clock.ts";
import { assert, DomainError, invalidRequest } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import type { JsonObject } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { type Measured, measure } from "../../../shared/payload.ts";
import type { EgressService } from "../../egress/egress-service.ts";
import type { EgressRun } from "../../egress/egress-terms.ts";
import type { RunEgress } from "../../egress/run-egress.ts";
import { contentOf, requireUsableSchemas, warningsOf } from "../../skills/content.ts";
import type { Draft } from "../../skills/draft.ts";
import { requirePayload, requireValidPayload } from "../../validate-payload.ts";
import { outputFault } from "./assignment.ts";
import type { DraftReport, DraftStep } from "./draft-report.ts";
import { errorOf, shown, testedStep } from "./draft-report.ts";
import { takeFreeCompute } from "./free-compute.ts";
import type { InvocationWorker } from "./invocation-worker.ts";
import type { PipelineResult, StepTexts } from "./pipeline-run.ts";
import type { PipelineRunner } from "./pipeline-runner.ts";

export interface DraftRequest extends Draft {
  readonly input: JsonObject;
}

export interface DraftParts {
  readonly store: Store;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly egress: EgressService;
  readonly runner: PipelineRunner;
  readonly worker: InvocationWorker;
  readonly prices: PriceList;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
}

/** Runs a draft once on an example, unstored and unpaid. */
export class DraftService {
  readonly #parts: DraftParts;

  constructor(parts: DraftParts) {
    this.#parts = parts;
  }

  /**
   * Runs the draft in the sandbox that its buyers will use, at most a minute. A step's fault is
   * part of the report. Throws INVALID_REQUEST, SCHEMA_UNSUPPORTED, INPUT_INVALID,
   * SERVICE_NOT_CONNECTED, PROVIDER_NOT_CONFIGURED, TIER_LIMIT_EXCEEDED, or BUSY when every slot is
   * taken.
   */
  async test(
    caller: Caller,
    { input, ...draft }: DraftRequest,
    signal: AbortSignal,
  ): Promise<DraftReport> {
    const { schemas, llm, egress, worker, store, limitsOf, prices, clock } = this.#parts;
    const content = contentOf(draft);
    if (!isRunHere(content.execution_mode)) {
      throw invalidRequest("execution_mode", "An open skill has no steps to test.");
    }
    await requireUsableSchemas(schemas, content);
    const given = measure(input);
    requirePayload("input", given, LIMITS.inputBytes);
    await requireValidPayload(schemas, "INPUT_INVALID", {
      schema: content.input_schema,
      value: input,
    });
    const pipeline = planSteps(content.steps);
    const run = draftEgress(caller, content, pipeline);
    const ownKeys = run.credentials.map(({ provider }) => provider);
    const models = providersOf(pipeline);
    llm.requireAll(models.filter((provider) => !ownKeys.includes(provider)));
    llm.requireKnown(models.filter((provider) => ownKeys.includes(provider)));
    const missing = await egress.findMissing(run, models);
    if (missing) throw missing;
    const order = { pipeline, inputChars: given.json.length, ownKeys };
    const reservedMicroUsd = reserveMicroUsd(order, prices);
    const cap = limitsOf(caller.plan).free_compute_micro_usd_per_day;
    const now = clock.now();
    const slot = worker.reserveSlot();
    if (!slot) throw new DomainError("BUSY", "Every sandbox slot is taken. Try again in a moment.");
    try {
      await store.transact([caller.operatorId], (t) =>
        takeFreeCompute(t, caller, { now, microUsd: reservedMicroUsd, cap }),
      );
      const { result, steps } = await this.#run(content, {
        pipeline,
        input: given,
        egress: egress.open(run),
        signal,
      });
      const used = result.computeMicroUsd ?? reservedMicroUsd;
      await store.transact([caller.operatorId], (t) =>
        t.freeCompute.settle(caller.operatorId, dayOf(now), reservedMicroUsd, used),
      );
      const reserve = reserveCents(order, prices);
      const compute = {
        compute_micro_usd: used,
        compute_cents: Math.min(computeChargeCents(used), reserve),
      };
      const warnings = warningsOf(content);
      return {
        ...(await this.#judge(content.output_schema, result, steps.length)),
        ...(result.standIn
          ? { note: standInNote(models, result.kind === "ok" ? result.output.value : undefined) }
          : {}),
        ...(warnings.length === 0 ? {} : { warnings }),
        steps,
        ...compute,
        reserve_cents: reserve,
      };
    } finally {
      slot.release();
    }
  }

  async #run(
    {
      steps,
      output_schema: outputSchema,
      execution_mode: mode,
      refusals: declared = {},
    }: SkillContent,
    {
      pipeline,
      input,
      egress,
      signal,
    }: {
      readonly pipeline: readonly PlannedStep[];
      readonly input: Measured;
      readonly egress: RunEgress;
      readonly signal: AbortSignal;
    },
  ) {
    const tested: DraftStep[] = [];
    const result = await this.#parts.runner.run({
      texts: draftTexts(this.#parts.store, steps),
      pipeline,
      input,
      outputSchema,
      refusals: { declared, takesAny: mode === "source" },
      egress,
      signal: AbortSignal.any([signal, this.#parts.clock.deadline(LIMITS.testMs)]),
      traced: true,
      onStep: () => {},
      onStepEnd: ({ step, result: ended }) => tested.push(testedStep(step, steps[step - 1], ended)),
    });
    return { result, steps: tested };
  }

  async #judge(outputSchema: JsonObject | boolean, result: PipelineResult, steps: number) {
    if (result.kind === "failed") {
      const error = { step: result.step, ...errorOf(result) };
      return { ok: false, error, misfits: [], stand_in: result.standIn };
    }
    const { output, standIn: stand_in } = result;
    const fault = await outputFault(this.#parts.schemas, outputSchema, output);
    if (!fault) return { ok: true, ...shown(output), misfits: [], stand_in };
    const misfits = fault.misfits.map((misfit) => ({ ...misfit }));
    const error = { step: steps, ...errorOf(fault) };
    return { ok: false, ...shown(output), misfits, error, stand_in };
  }
}

/** Sealed under a key that lives as long as the run does, because a child takes nothing else. */
function draftTexts(store: Store, steps: readonly Step[]): StepTexts {
  const id = newId("sver");
  return {
    async script(index): Promise<SealedPackage> {
      const step = steps[index];
      assert(step?.type === "script", "the plan names the draft's own steps");
      return store.sealForOnce(`drafts:${id}:step.${index}`, step.code);
    },
    async prompt(index) {
      const step = steps[index];
      assert(step?.type === "llm", "the plan names the draft's own steps");
      return promptOf(step, index);
    },
  };
}

/** The caller that tries a draft is both its buyer and its seller. */
function draftEgress(
  { operatorId }: Caller,
  content: SkillContent,
  pipeline: readonly PlannedStep[],
): EgressRun {
  const credentials = ownedCredentials(content.credential_mode, content.required_credentials ?? []);
  return {
    buyerId: operatorId,
    publisherId: operatorId,
    hosts: content.egress?.hosts ?? [],
    credentials,
    bounds: sellerBounds(pipeline, credentials, content.seller_credential_limit ?? null),
    about: { draft: true },
  };
}
