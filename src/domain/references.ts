import type { Json } from "../shared/json.ts";

const REFERENCE = /\$(INPUT|PREV)\b((?:\.[A-Za-z_][A-Za-z0-9_-]*)*)/g;

/**
 * Replaces `$INPUT`, `$INPUT.path`, `$PREV` and `$PREV.path` in a prompt. Strings go in as they are, other values as
 * JSON, a path that leads nowhere as nothing. What was inserted is not searched for references again.
 */
export function renderTemplate(template: string, values: { readonly input: Json; readonly prev: Json }): string {
  return template.replace(REFERENCE, (_, root: string, path: string) => {
    const start = root === "INPUT" ? values.input : values.prev;
    const found = path
      .split(".")
      .slice(1)
      .reduce(ownProperty, start as Json | undefined);
    if (found === undefined) return "";
    return typeof found === "string" ? found : JSON.stringify(found);
  });
}

export function refersTo(template: string, root: "INPUT" | "PREV"): boolean {
  return [...template.matchAll(REFERENCE)].some((match) => match[1] === root);
}

function ownProperty(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, Json>)[name];
}
