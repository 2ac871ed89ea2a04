import type { Json } from "../../shared/json.ts";

const MAX_NAMED = 8;

/** Says that no model answered, what of the output was not found, and what to set for a model. */
export function standInNote(providers: readonly string[], output?: Json): string {
  const missing = missingIn(output);
  const found = missing === "" ? "" : ` It did not find ${missing}, and it guesses nothing.`;
  return `No model answers: the stand-in reads texts by their labels.${found} ${remedy(providers)}`;
}

function missingIn(output: Json | undefined): string {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return "";
  const names = Object.entries(output).flatMap(([name, value]) => (value === null ? [name] : []));
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return `${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}

function remedy(providers: readonly string[]): string {
  if (providers.length === 0 || providers.includes("openai"))
    return "Set OPENAI_API_KEY to have a model answer.";
  return `Give ${providers.join(" and ")} a key in config.json to have a model answer.`;
}
