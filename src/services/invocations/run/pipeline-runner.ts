import { type PlannedLlmStep, type PlannedStep, providerOf } from "../../../domain/market/skill.ts";
import { jsonInAnswer } from "../../../domain/runs/answer-json.ts";
import {
  costMicroUsd,
  type PriceList,
  promptCeilings,
  type StepUsage,
  totalUsage,
} from "../../../domain/runs/metering.ts";
import { renderPrompt } from "../../../domain/runs/render-prompt.ts";
import { type LlmAnswer, LlmError } from "../../../llm/llm-call.ts";
import type { LlmProviders } from "../../../llm/llm-providers.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import type { Clock } from "../../../shared/clock.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Logger } from "../../../shared/logger.ts";
import { type Measured, measure } from "../../../shared/payload.ts";
import type { PipelineResult, PipelineRun } from "./pipeline-run.ts";
import { fromScript, type StepResult, tooLate } from "./step-result.ts";

type LlmUsage = Extract<StepUsage, { readonly type: "llm" }>;

interface Budget {
  scriptMs: number;
  readonly endsAt: number;
  /** For each step, what its rendered prompts may come to. */
  readonly promptChars: readonly number[];
}

export interface PipelineParts {
  readonly sandbox: Sandbox;
  readonly llm: LlmProviders;
  readonly prices: PriceList;
  readonly stepTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Runs a sealed pipeline, step after step. No transaction is open meanwhile, and no repository that
 * writes is in reach.
 */
export class PipelineRunner {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Runs the steps. A step's fault is part of the result; a fault of the server is thrown. */
  async run(run: PipelineRun): Promise<PipelineResult> {
    const budget: Budget = {
      scriptMs: LIMITS.scriptTotalMs,
      endsAt: this.#parts.clock.elapsed() + LIMITS.invocationTotalMs,
      promptChars: promptCeilings(run.pipeline, run.input.json.length),
    };
    const usage: StepUsage[] = [];
    let prev: Measured = measure(null);
    let standIn = false;
    for (const [index, step] of run.pipeline.entries()) {
      run.onStep(index + 1, run.pipeline.length);
      const result = await this.#runStep(run, { index, step, prev, budget });
      run.onStepEnd?.({ step: index + 1, result });
      if (result.usage) usage.push(result.usage);
      if (result.kind === "failed") {
        const { verdict, line, limit, guestMessage, refusal, cause } = result;
        const computeMicroUsd =
          verdict === "lost" ? undefined : costMicroUsd(usage, this.#parts.prices);
        const why = { verdict, step: index + 1, line, limit, guestMessage, refusal, cause };
        const isolation = await this.#isolationOf(run);
        return {
          kind: "failed",
          ...why,
          computeMicroUsd,
          usage: totalUsage(usage),
          isolation,
          standIn,
        };
      }
      prev = result.value;
      standIn ||= result.standIn;
    }
    const computeMicroUsd = costMicroUsd(usage, this.#parts.prices);
    const { sellerCents: serviceCents } = run.egress;
    const isolation = await this.#isolationOf(run);
    return {
      kind: "ok",
      output: prev,
      computeMicroUsd,
      serviceCents,
      usage: totalUsage(usage),
      isolation,
      standIn,
    };
  }

  async #isolationOf({ pipeline }: PipelineRun): Promise<string | undefined> {
    return pipeline.some(({ type }) => type === "script")
      ? this.#parts.sandbox.isolation().catch(() => undefined)
      : undefined;
  }

  async #runStep(
    run: PipelineRun,
    {
      index,
      step,
      prev,
      budget,
    }: {
      readonly index: number;
      readonly step: PlannedStep;
      readonly prev: Measured;
      readonly budget: Budget;
    },
  ): Promise<StepResult> {
    const timeLeft = budget.endsAt - this.#parts.clock.elapsed();
    if (timeLeft <= 0) return tooLate(LIMITS.invocationTotalMs);
    if (step.type === "script" && budget.scriptMs <= 0) return tooLate(LIMITS.scriptTotalMs);
    if (step.type === "llm")
      return this.#runLlm(run, {
        index,
        step,
        prev,
        timeLeft,
        maxChars: budget.promptChars[index] ?? 0,
      });
    const timeoutMs = Math.ceil(Math.min(this.#parts.stepTimeoutMs, budget.scriptMs, timeLeft));
    const code = await run.texts.script(index);
    const { runtime, lines } = step;
    const job = {
      runtime,
      code,
      input: run.input.json,
      prev: prev.json,
      timeoutMs,
      traced: run.traced,
      fetch: run.egress.fetch,
    };
    const outcome = await this.#parts.sandbox.run(job, run.signal);
    budget.scriptMs -= outcome.usage.wallMs;
    return {
      ...fromScript(outcome, { lines, timeoutMs, refusals: run.refusals }),
      printed: outcome.printed,
    };
  }

  async #runLlm(
    run: PipelineRun,
    {
      index,
      step,
      prev,
      timeLeft,
      maxChars,
    }: {
      readonly index: number;
      readonly step: PlannedLlmStep;
      readonly prev: Measured;
      readonly timeLeft: number;
      readonly maxChars: number;
    },
  ): Promise<StepResult> {
    const prompt = await run.texts.prompt(index);
    const rendered = renderPrompt(prompt, { input: run.input.value, prev: prev.value }, maxChars);
    if ("problem" in rendered)
      return { kind: "failed", verdict: "llm_error", cause: rendered.problem };
    try {
      const call = {
        model: step.model.slice(step.model.indexOf("/") + 1),
        ...rendered,
        temperature: step.temperature,
        maxTokens: step.max_tokens,
        timeoutMs: Math.ceil(Math.min(timeLeft, LIMITS.llmTimeoutMs)),
        signal: run.signal,
        wanted: { schema: run.outputSchema, isLast: index === run.pipeline.length - 1 },
      };
      const provider = providerOf(step.model);
      const { answer, ownKey } = await run.egress.model(provider, (key) =>
        this.#parts.llm.complete(provider, call, key),
      );
      const usage = boundedBy(mostOf(step, rendered, ownKey), answer);
      const { isCut, standIn } = answer;
      if (isCut && (!step.allow_cut || answer.text.trim() === "")) {
        return {
          kind: "failed",
          verdict: "llm_error",
          limit: { name: "max_tokens", value: step.max_tokens },
          usage,
        };
      }
      const value = step.json ? jsonInAnswer(answer.text) : answer.text;
      if (value === undefined) {
        return {
          kind: "failed",
          verdict: "llm_error",
          cause: "The model's answer has no JSON in it.",
          usage,
        };
      }
      return { kind: "ok", value: measure(value), usage, standIn };
    } catch (error) {
      if (!(error instanceof LlmError)) throw error;
      if (run.signal.aborted) return { kind: "failed", verdict: "lost" };
      this.#parts.log.warn({ model: step.model, step: index + 1 }, error.message);
      return {
        kind: "failed",
        verdict: "llm_error",
        cause: error.message,
        usage: mostOf(step, rendered, run.egress.hasKeyFor(providerOf(step.model))),
      };
    }
  }
}

/**
 * A model that gave no usable answer may have worked for it: what it used is not known, and counted
 * at its most.
 */
function mostOf(
  step: PlannedLlmStep,
  rendered: { readonly userMessage: string; readonly systemPrompt?: string | undefined },
  ownKey: boolean,
): LlmUsage {
  const inputTokens = rendered.userMessage.length + (rendered.systemPrompt?.length ?? 0);
  return { type: "llm", model: step.model, inputTokens, outputTokens: step.max_tokens, ownKey };
}

/** A provider that reports more than was reserved is believed up to that. */
function boundedBy(max: LlmUsage, { inputTokens, outputTokens }: LlmAnswer): LlmUsage {
  return {
    ...max,
    inputTokens: Math.min(inputTokens, max.inputTokens),
    outputTokens: Math.min(outputTokens, max.outputTokens),
  };
}
