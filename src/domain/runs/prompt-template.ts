import type { Json } from "../../shared/json.ts";

const REFERENCE = /\$(INPUT|PREV)\b((?:\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,6}\])*)/g;
const PART = /[A-Za-z_][A-Za-z0-9_-]*|\d+/g;

export interface ReferenceValues {
  readonly input: Json;
  readonly prev: Json;
}

/** A prompt as it is sent, or why it cannot be. */
export type Rendered =
  | { readonly text: string }
  | { readonly problem: "too_long" }
  | { readonly problem: "leads_nowhere"; readonly reference: string };

/**
 * Replaces `$INPUT`, `$INPUT.path`, `$INPUT.list[0]` and the same of `$PREV` in a prompt. Strings
 * go in as they are, other values as JSON; a path that leads nowhere is a problem. What was
 * inserted is not searched for references again. The result is at most `maxChars` long: a short
 * template can repeat a long input very often.
 */
export function renderTemplate(
  template: string,
  values: ReferenceValues,
  maxChars: number,
): Rendered {
  const inserted = new Map<string, string>();
  // What is kept counts too: each reference can be another large text, even if it is inserted once.
  let kept = 0;
  let length = template.length;
  for (const [reference] of template.matchAll(REFERENCE)) {
    let text = inserted.get(reference);
    if (text === undefined) {
      text = resolve(reference, values);
      if (text === undefined) return { problem: "leads_nowhere", reference };
      inserted.set(reference, text);
      kept += text.length;
    }
    length += text.length - reference.length;
    if (kept > maxChars) return { problem: "too_long" };
  }
  if (length > maxChars) return { problem: "too_long" };
  return { text: template.replace(REFERENCE, (reference) => inserted.get(reference) ?? "") };
}

/** Counts the references of a template to the input, or to the step before. */
export function countReferences(template: string, root: "INPUT" | "PREV"): number {
  return [...template.matchAll(REFERENCE)].filter((match) => match[1] === root).length;
}

/** The first reference to the input that leads nowhere in it. */
export function danglingReference(template: string, input: Json): string | undefined {
  const references = new Set([...template.matchAll(REFERENCE)].map(([reference]) => reference));
  return [...references].find(
    (reference) =>
      reference.startsWith("$INPUT") && valueAt(reference, { input, prev: null }) === undefined,
  );
}

function valueAt(reference: string, values: ReferenceValues): Json | undefined {
  const [root, ...path] = reference.match(PART) ?? [];
  const start: Json | undefined = root === "INPUT" ? values.input : values.prev;
  return path.reduce(ownProperty, start as Json | undefined);
}

function resolve(reference: string, values: ReferenceValues): string | undefined {
  const found = valueAt(reference, values);
  return found === undefined || typeof found === "string" ? found : JSON.stringify(found);
}

/** Of a list its items by number, and nothing else. */
function ownProperty(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined;
  return (value as Record<string, Json>)[name];
}
