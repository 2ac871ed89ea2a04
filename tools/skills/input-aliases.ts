import { missingModules, PYTHON_MODULES } from "../../src/domain/runs/python-modules.ts";
import { invalidRequest } from "../../src/shared/errors.ts";
import { isRecord } from "../../src/shared/json.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { cut } from "../../src/shared/text.ts";

/**
 * STACK's documents spell a skill in several ways; the functions here turn them into one. A value
 * of the wrong shape stays as it is, and the strict parse refuses it.
 */

type Raw = Readonly<Record<string, unknown>>;

/**
 * The flat fields of STACK's older skills API. They describe a pipeline of a script, a model call,
 * or both in this order.
 */
const FLAT_FIELDS = [
  "execution_script",
  "execution_runtime",
  "dependencies",
  "llm_enabled",
  "llm_provider",
  "llm_model",
  "llm_config",
] as const;

export function normaliseDraft(raw: Raw): Record<string, unknown> {
  return withSteps(withSellerLimit(withPrice(raw)));
}

/** A new skill with steps is sealed, unless it says otherwise. */
export function normaliseNewDraft(raw: Raw): Record<string, unknown> {
  const draft = normaliseDraft(raw);
  const hasSteps = Array.isArray(draft.execution_steps) && draft.execution_steps.length > 0;
  return hasSteps && draft.execution_mode === undefined
    ? { ...draft, execution_mode: "sealed" }
    : draft;
}

/**
 * `price_cents` is `price_per_invocation`; the old `price_credits` counts only where neither is
 * given.
 */
function withPrice(raw: Raw): Record<string, unknown> {
  const { price_cents, price_credits, ...rest } = raw;
  const { price_per_invocation: price } = rest;
  if (price_cents !== undefined && price !== undefined && price !== price_cents) {
    throw invalidRequest(
      "price_cents",
      "price_cents and price_per_invocation are the same and must not differ.",
    );
  }
  const found = price ?? price_cents ?? price_credits;
  return found === undefined ? rest : { ...rest, price_per_invocation: found };
}

function withSellerLimit(raw: Raw): Record<string, unknown> {
  const { seller_credential_limit: limit } = raw;
  if (!isRecord(limit) || !("max_cost_credits" in limit)) return { ...raw };
  const { max_cost_credits, ...rest } = limit;
  return { ...raw, seller_credential_limit: { max_cost_cents: max_cost_credits, ...rest } };
}

function withSteps(raw: Raw): Record<string, unknown> {
  const given = FLAT_FIELDS.filter((field) => raw[field] !== undefined && raw[field] !== null);
  if (raw.execution_steps !== undefined) {
    const [mixed] = given;
    if (mixed)
      throw invalidRequest(
        mixed,
        `execution_steps and ${mixed} exclude each other: write the pipeline in one way.`,
      );
    const { execution_steps: steps } = raw;
    return { ...raw, execution_steps: Array.isArray(steps) ? steps.map(canonicalStep) : steps };
  }
  const rest = Object.fromEntries(
    Object.entries(raw).filter(([key]) => !(FLAT_FIELDS as readonly string[]).includes(key)),
  );
  if (given.length === 0) return rest;
  const steps = [...flatScript(raw), ...flatModel(raw)];
  return steps.length === 0 ? rest : { ...rest, execution_steps: steps };
}

function canonicalStep(step: unknown): unknown {
  if (!isRecord(step)) return step;
  if (step.type === "script") return canonicalScript(step);
  return step.type === "llm" ? canonicalModel(step) : step;
}

/** Runtimes as people call them. */
const RUNTIME_NAMES: Readonly<Record<string, string>> = {
  js: "javascript",
  node: "javascript",
  nodejs: "javascript",
  ecmascript: "javascript",
  py: "python",
  python3: "python",
};

function runtimeOf(said: unknown): unknown {
  return typeof said === "string" ? (RUNTIME_NAMES[said.trim().toLowerCase()] ?? said) : said;
}

function canonicalScript({ script, dependencies, ...given }: Raw): Raw {
  const step =
    given.runtime === undefined ? given : { ...given, runtime: runtimeOf(given.runtime) };
  requireModules(step.runtime, dependencies);
  if (script === undefined) return step;
  if (step.code !== undefined)
    throw invalidRequest("execution_steps", "code and script are the same: give one of them.");
  return { ...step, code: script };
}

function canonicalModel({ llm_provider, llm_model, llm_config, ...step }: Raw): Raw {
  if (llm_provider === undefined && llm_model === undefined && llm_config === undefined)
    return step;
  const settings = isRecord(llm_config) ? llm_config : {};
  const twice = Object.keys(settings).find((key) => step[key] !== undefined);
  if (twice)
    throw invalidRequest(
      "execution_steps",
      `${twice} is given both in the step and in llm_config.`,
    );
  if (step.model !== undefined && llm_model !== undefined) {
    throw invalidRequest("execution_steps", "model and llm_model are the same: give one of them.");
  }
  return { ...step, ...settings, model: step.model ?? modelName(llm_provider, llm_model) };
}

function modelName(provider: unknown, model: unknown): unknown {
  return typeof provider === "string" && typeof model === "string" ? `${provider}/${model}` : model;
}

function flatScript(raw: Raw): Raw[] {
  const { execution_script: script, execution_runtime: said, dependencies } = raw;
  const runtime = runtimeOf(said);
  requireModules(runtime, dependencies);
  if (script === undefined || script === null) return [];
  if (runtime === "none") {
    throw invalidRequest(
      "execution_runtime",
      "execution_runtime must be javascript or python where there is an execution_script.",
    );
  }
  return [{ type: "script", runtime: runtime ?? "javascript", code: script }];
}

/**
 * Throws unless `dependencies` names only modules that are available; the error lists the
 * available ones.
 */
function requireModules(runtime: unknown, dependencies: unknown): void {
  const isList =
    Array.isArray(dependencies) && dependencies.every((one) => typeof one === "string");
  const text = isList ? dependencies.join("\n") : dependencies;
  if (Array.isArray(text))
    throw invalidRequest("dependencies", "dependencies must be a text, or a list of texts.");
  if (typeof text !== "string" || text.trim() === "") return;
  if (text.length > LIMITS.dependenciesChars) {
    throw invalidRequest(
      "dependencies",
      `dependencies must have at most ${LIMITS.dependenciesChars} characters.`,
    );
  }
  if (runtime !== "python") {
    throw invalidRequest(
      "dependencies",
      "dependencies must be empty: JavaScript runs without packages here.",
    );
  }
  const missing = missingModules(text);
  if (missing.length === 0) return;
  const some = cut(missing.slice(0, 5).join(", "), 200);
  throw invalidRequest(
    "dependencies",
    `dependencies names modules that are not available here: ${some}. Python comes with ${PYTHON_MODULES.join(", ")}.`,
  );
}

function flatModel(raw: Raw): Raw[] {
  const { llm_enabled: enabled, llm_provider, llm_model, llm_config } = raw;
  if (enabled === false || (enabled !== true && llm_model === undefined)) return [];
  return [
    canonicalModel({
      type: "llm",
      llm_provider,
      llm_model: llm_model ?? "",
      llm_config: llm_config ?? undefined,
    }),
  ];
}
