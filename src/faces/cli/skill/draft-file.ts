import { dirname, resolve, sep } from "node:path";
import { DomainError } from "../../../shared/errors.ts";
import type { Json, JsonObject } from "../../../shared/json.ts";
import { textOfFile } from "../../../shared/text-file.ts";

/** Texts of a step that may stand in a file of their own, beside the draft. */
const FILES = {
  code_file: "code",
  system_prompt_file: "system_prompt",
  user_message_file: "user_message",
} as const;

export interface DraftFile {
  readonly draft: JsonObject;
  /** An input to try the draft on. */
  readonly example: JsonObject | undefined;
}

/**
 * Reads a skill from a JSON file. A step may name a file instead of carrying its text (`code_file`,
 * `system_prompt_file`, `user_message_file`, in the folder of the draft); `example_input` is what
 * `skill test` runs it on. Throws INVALID_REQUEST.
 */
export function readDraft(path: string): DraftFile {
  const { example_input: example, ...draft } = objectIn(path);
  const { execution_steps: steps } = draft;
  const folder = dirname(resolve(path));
  const whole = Array.isArray(steps)
    ? { ...draft, execution_steps: steps.map((step) => withTexts(step, folder)) }
    : draft;
  if (example !== undefined && !isObject(example))
    throw misuse(`${path}: example_input must be a JSON object.`);
  return { draft: whole, example };
}

/** An input that was given as JSON, or as `@file`. Throws INVALID_REQUEST. */
export function inputOf(text: string): JsonObject {
  return text.startsWith("@") ? objectIn(text.slice(1)) : parseObject(text, "--input");
}

/** Throws INVALID_REQUEST for what is no JSON object. */
function parseObject(text: string, what: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    if (isObject(value)) return value;
  } catch (error) {
    throw misuse(`${what} is not valid JSON: ${(error as Error).message}.`);
  }
  throw misuse(`${what} must be a JSON object.`);
}

function objectIn(path: string): JsonObject {
  return parseObject(textOf(path), path);
}

function withTexts(step: Json, folder: string): Json {
  if (!isObject(step)) return step;
  const given = Object.entries(step).map(([key, value]) => {
    const field = Object.hasOwn(FILES, key) ? FILES[key as keyof typeof FILES] : undefined;
    return field === undefined ? [key, value] : [field, textOf(beside(folder, key, String(value)))];
  });
  return Object.fromEntries(given) as JsonObject;
}

/** Throws for a path outside the draft's folder: a foreign draft must not publish other files. */
function beside(folder: string, field: string, name: string): string {
  const path = resolve(folder, name);
  if (path.startsWith(`${folder}${sep}`)) return path;
  throw misuse(`${field} must name a file in the draft's own folder.`);
}

function textOf(path: string): string {
  return textOfFile(path, "INVALID_REQUEST");
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function misuse(message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message);
}
