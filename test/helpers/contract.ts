import type { ResultInspector } from "../../src/operations/engine.ts";

/** Fails a call whose result has a field, at any depth, that its contract drops without a word. */
export const requireContract: ResultInspector = ({ name }, returned, shown) => {
  const dropped = droppedFrom(returned, shown, "");
  if (dropped.length > 0)
    throw new Error(`${name} returns ${dropped.join(", ")}, which its output does not list`);
};

function droppedFrom(returned: unknown, shown: unknown, path: string): string[] {
  if (typeof returned !== "object" || returned === null) return [];
  const kept = Object(shown) as Record<string, unknown>;
  return Object.entries(returned).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const at = path === "" ? key : `${path}.${key}`;
    return key in kept ? droppedFrom(value, kept[key], at) : [at];
  });
}
