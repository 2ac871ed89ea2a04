import type { NewVersion } from "../../../storage/repositories/skill-rows.ts";
import { hiddenTextProblem } from "../../domain/market/hidden-text.ts";
import type { ExecutionMode, SkillContent, Step } from "../../domain/market/skill.ts";
import { isRunHere } from "../../domain/market/skill.ts";
import { neverReturns } from "../../domain/runs/code-hints.ts";
import { planSteps, promptOf, withDefaults } from "../../domain/runs/pipeline-plan.ts";
import { schemaDoubt } from "../../schemas/keywords.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import type { Json, JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { measure } from "../../shared/payload.ts";
import { requirePayload } from "../validate-payload.ts";
import { requireCredentials } from "./credential-rules.ts";
import type { Draft } from "./draft.ts";

/**
 * Returns the content of a version, of which the digest is taken. Throws INVALID_REQUEST for fields
 * that exclude each other.
 */
export function contentOf(draft: Draft): SkillContent {
  const steps = (draft.execution_steps ?? []).map(withDefaults);
  requireSteps(draft.execution_mode, steps);
  requireReadable(draft.execution_mode, steps);
  requireCredentials(draft);
  requireRefusals(draft);
  const {
    required_credentials: credentials = [],
    seller_credential_limit: limit,
    egress,
    volatile,
  } = draft;
  return {
    execution_mode: draft.execution_mode,
    credential_mode: draft.credential_mode,
    trust_level_required: draft.trust_level_required,
    price_per_invocation: draft.price_per_invocation,
    input_schema: draft.input_schema,
    output_schema: draft.output_schema,
    steps,
    required_credentials: credentials.length > 0 ? credentials : undefined,
    seller_credential_limit:
      limit && Object.values(limit).some((value) => value !== undefined) ? limit : undefined,
    egress: egress && egress.hosts.length > 0 ? { hosts: egress.hosts } : undefined,
    volatile: volatile || undefined,
    refusals: draft.refusals && Object.keys(draft.refusals).length > 0 ? draft.refusals : undefined,
  };
}

/** Returns the row of a version. The texts of its steps are sealed beside it. */
export function versionOf(
  content: SkillContent,
  rest: Pick<NewVersion, "id" | "skill_id" | "version" | "digest" | "invocation_ttl_seconds">,
): NewVersion {
  return {
    ...rest,
    execution_mode: content.execution_mode,
    credential_mode: content.credential_mode,
    trust_level_required: content.trust_level_required,
    price_cents: content.price_per_invocation,
    input_schema: content.input_schema,
    output_schema: content.output_schema,
    pipeline: planSteps(content.steps),
    required_credentials: content.required_credentials ?? [],
    seller_credential_limit: content.seller_credential_limit ?? null,
    egress_hosts: content.egress?.hosts ?? [],
    volatile: content.volatile ? 1 : 0,
    refusals: content.refusals ?? {},
  };
}

/** Throws SCHEMA_UNSUPPORTED, or INVALID_REQUEST for an input that could not be an object. */
export async function requireUsableSchemas(
  schemas: SchemaChecker,
  content: SkillContent,
): Promise<void> {
  await requireUsableSchema(schemas, "input_schema", content.input_schema);
  if (!takesObjects(content.input_schema)) {
    throw invalidRequest(
      "input_schema",
      "input_schema must accept an object: an input is always a JSON object.",
    );
  }
  await requireUsableSchema(schemas, "output_schema", content.output_schema);
}

export async function requireUsableSchema(
  schemas: SchemaChecker,
  field: string,
  schema: Json,
): Promise<void> {
  const problem = await schemas.schemaProblem(schema);
  if (problem === undefined) return;
  throw new DomainError("SCHEMA_UNSUPPORTED", `${field} is not accepted: ${problem}.`, { field });
}

/** Throws INVALID_REQUEST for an example that the skill itself would refuse. */
export async function requireFittingExamples(
  schemas: SchemaChecker,
  { input_schema, output_schema }: SkillContent,
  {
    example_input,
    example_output,
  }: { readonly example_input?: Json | undefined; readonly example_output?: Json | undefined },
): Promise<void> {
  await requireFittingExample(
    schemas,
    ["example_input", "input_schema"],
    input_schema,
    example_input,
  );
  await requireFittingExample(
    schemas,
    ["example_output", "output_schema"],
    output_schema,
    example_output,
  );
}

async function requireFittingExample(
  schemas: SchemaChecker,
  [field, schemaField]: readonly [string, string],
  schema: Json,
  example: Json | undefined,
): Promise<void> {
  if (example === undefined) return;
  requirePayload(field, measure(example), LIMITS.exampleBytes);
  const [misfit] = await schemas.misfits(schema, example);
  if (!misfit) return;
  const path = `${field}${misfit.path === "/" ? "" : misfit.path.replaceAll("/", ".")}`;
  const message = `${path} ${misfit.message}: the example does not fit ${schemaField}. Correct the example or the schema.`;
  throw invalidRequest(path, message);
}

/** Lists warnings for content that is accepted and likely a mistake. */
export function warningsOf({ input_schema, output_schema, steps }: SkillContent): string[] {
  const doubts = Object.entries({ input_schema, output_schema }).flatMap(([field, schema]) => {
    const doubt = schemaDoubt(schema);
    return doubt === undefined ? [] : [`${field}: ${doubt}.`];
  });
  for (const [index, step] of steps.entries()) {
    if (step.type === "script" && neverReturns(step.code))
      doubts.push(`execution_steps.${index}.code returns nothing: the step's value would be null.`);
  }
  const last = steps.at(-1);
  const isText = last?.type === "llm" && !last.json;
  if (isText && !takesText(output_schema)) {
    doubts.push(
      "The last step returns a model's text, which does not fit output_schema: every run would fail. Set json: true in the step, or add a script step that makes the output.",
    );
  }
  return doubts;
}

function takesText(schema: JsonObject | boolean): boolean {
  if (typeof schema === "boolean") return schema;
  const { type } = schema;
  return type === undefined || [type].flat().includes("string");
}

function requireSteps(mode: ExecutionMode, steps: readonly Step[]): void {
  if (isRunHere(mode) && steps.length === 0) {
    throw invalidRequest(
      "execution_steps",
      `A ${mode} skill needs 1 to 10 execution_steps: they are what the server runs.`,
    );
  }
  if (mode === "open" && steps.length > 0) {
    throw invalidRequest(
      "execution_steps",
      'An open skill has no execution_steps: its provider does the work. Set execution_mode to "sealed" or "source" to have the server run them.',
    );
  }
  const codeChars = steps.reduce(
    (sum, step) => sum + (step.type === "script" ? step.code.length : 0),
    0,
  );
  if (codeChars > LIMITS.totalCodeChars) {
    throw invalidRequest(
      "execution_steps",
      `All code together has ${codeChars} characters; at most ${LIMITS.totalCodeChars} are allowed.`,
    );
  }
}

/** Throws for hidden characters in the steps of a source skill, which everybody reads. */
function requireReadable(mode: ExecutionMode, steps: readonly Step[]): void {
  if (mode !== "source") return;
  for (const [index, step] of steps.entries()) {
    const texts = step.type === "script" ? { code: step.code } : promptOf(step, index);
    for (const [name, text] of Object.entries(texts)) {
      const problem = hiddenTextProblem(text ?? "");
      const field = `execution_steps.${index}.${name}`;
      if (problem !== undefined)
        throw invalidRequest(field, `${field} ${problem}, or write it as an escape.`);
    }
  }
}

function requireRefusals({ execution_mode: mode, refusals = {} }: Draft): void {
  const count = Object.keys(refusals).length;
  if (count > LIMITS.refusals)
    throw invalidRequest(
      "refusals",
      `refusals has ${count} codes; at most ${LIMITS.refusals} are allowed.`,
    );
  if (count > 0 && !isRunHere(mode))
    throw invalidRequest(
      "refusals",
      "An open skill has no refusals: its provider says why with stack_fail_invocation.",
    );
}

function takesObjects(schema: JsonObject | boolean): boolean {
  if (typeof schema === "boolean") return schema;
  const { type } = schema;
  return (
    type === undefined || type === "object" || (Array.isArray(type) && type.includes("object"))
  );
}
