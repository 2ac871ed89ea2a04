import type { Json } from "../shared/json.ts";

const REFERENCE = /\$(INPUT|PREV)\b((?:\.[A-Za-z_][A-Za-z0-9_-]*)*)/g;

interface Values {
  readonly input: Json;
  readonly prev: Json;
}

/**
 * Replaces `$INPUT`, `$INPUT.path`, `$PREV` and `$PREV.path` in a prompt. Strings go in as they are, other values as
 * JSON, a path that leads nowhere as nothing. What was inserted is not searched for references again. Undefined when the
 * result would be longer than `maxChars`: a short template can repeat a long input very often.
 */
export function renderTemplate(template: string, values: Values, maxChars: number): string | undefined {
  const inserted = new Map<string, string>();
  // What is kept counts too: each reference can be another large text, even if it is inserted once.
  let kept = 0;
  let length = template.length;
  for (const [reference] of template.matchAll(REFERENCE)) {
    let text = inserted.get(reference);
    if (text === undefined) {
      text = resolve(reference, values);
      inserted.set(reference, text);
      kept += text.length;
    }
    length += text.length - reference.length;
    if (kept > maxChars) return undefined;
  }
  if (length > maxChars) return undefined;
  return template.replace(REFERENCE, (reference) => inserted.get(reference) ?? "");
}

/** How often a template refers to the input, or to the step before. */
export function countReferences(template: string, root: "INPUT" | "PREV"): number {
  return [...template.matchAll(REFERENCE)].filter((match) => match[1] === root).length;
}

function resolve(reference: string, values: Values): string {
  const [root, ...path] = reference.split(".");
  const start: Json | undefined = root === "$INPUT" ? values.input : values.prev;
  const found = path.reduce(ownProperty, start as Json | undefined);
  if (found === undefined) return "";
  return typeof found === "string" ? found : JSON.stringify(found);
}

function ownProperty(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, Json>)[name];
}
