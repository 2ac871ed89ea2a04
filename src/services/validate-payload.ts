import type { SchemaChecker } from "../schemas/schema-checker.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { DomainError, invalidRequest } from "../shared/errors.ts";
import { type Json, type JsonObject, jsonProblem } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { Measured } from "../shared/payload.ts";

/**
 * Throws PAYLOAD_TOO_LARGE or INVALID_REQUEST for JSON that is too large, too deep, or has no
 * canonical form.
 */
export function requirePayload(field: string, { value, bytes }: Measured, maxBytes: number): void {
  const problem = jsonProblem(value, LIMITS.jsonDepth);
  if (problem !== undefined) {
    const path = [field, problem.path].filter(Boolean).join(".");
    throw invalidRequest(path, `${path} ${problem.rule}.`);
  }
  if (bytes <= maxBytes) return;
  throw new DomainError(
    "PAYLOAD_TOO_LARGE",
    `${field} is ${bytes} bytes; at most ${maxBytes} are allowed.`,
    { field },
  );
}

/** Throws the given code with the first misfits, and with an example that fits. */
export async function requireValidPayload(
  schemas: SchemaChecker,
  code: Extract<ErrorCode, "INPUT_INVALID" | "OUTPUT_INVALID">,
  {
    schema,
    value,
    example = null,
  }: { readonly schema: Json; readonly value: Json; readonly example?: JsonObject | null },
): Promise<void> {
  const misfits = await schemas.misfits(schema, value);
  if (misfits.length === 0) return;
  const [what, where] =
    code === "INPUT_INVALID" ? ["input", "input_schema"] : ["output", "output_schema"];
  const shown = example === null ? "" : ", details.example_input an input that fits";
  throw new DomainError(
    code,
    `The ${what} does not fit the skill's ${where}; details.misfits names the places${shown}.`,
    {
      misfits: misfits.map((misfit) => ({ ...misfit })),
      ...(example === null ? {} : { example_input: example }),
    },
  );
}
