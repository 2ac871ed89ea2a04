import { HostileJsonError, type Json, parseHostileJson } from "../../shared/json.ts";

const FENCE = /```[a-z0-9]*[ \t]*\r?\n([\s\S]*?)```/gi;
/** Beginnings of an object or a list in prose that are tried. */
const MAX_TRIED = 20;

/**
 * The JSON in a model's answer: the whole of it, what stands in a code fence, or the first object
 * or list in prose. Undefined when there is none.
 */
export function jsonInAnswer(answer: string): Json | undefined {
  const text = answer.replace(/^\ufeff/, "").trim();
  const whole = parsed(text);
  if (whole !== undefined) return whole;
  for (const [, inner = ""] of text.matchAll(FENCE)) {
    const value = parsed(inner.trim());
    if (value !== undefined) return value;
  }
  let tried = 0;
  for (let from = text.search(/[{[]/); from >= 0 && tried < MAX_TRIED; tried++) {
    const end = endOf(text, from);
    const value = end < 0 ? undefined : parsed(text.slice(from, end));
    if (value !== undefined) return value;
    const next = text.slice(from + 1).search(/[{[]/);
    from = next < 0 ? -1 : from + 1 + next;
  }
  return undefined;
}

/** Behind the bracket that closes the one at `from`; -1 when none does. */
function endOf(text: string, from: number): number {
  let depth = 0;
  let inText = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (inText) {
      if (char === "\\") i++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i + 1;
  }
  return -1;
}

function parsed(text: string): Json | undefined {
  try {
    return parseHostileJson(text);
  } catch (error) {
    if (error instanceof HostileJsonError) return undefined;
    throw error;
  }
}
