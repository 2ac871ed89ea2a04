import type { Runtime } from "../market/skill.ts";

interface Hint {
  /** Left out: of either runtime. */
  readonly runtime?: Runtime;
  readonly sign: RegExp;
  readonly hint: string;
}

/** Three backticks begin two texts in JavaScript: a fence parses, and can never run. */
const FENCE = /^\s*(?:```|~~~)/;

/** Looks of code that does not parse, and what it was meant to be; the first that fits is told. */
const HINTS: readonly Hint[] = [
  { sign: FENCE, hint: "Leave out the Markdown fence around it." },
  {
    runtime: "javascript",
    sign: /^(?:async )?def \w+\(|^(?:from|import) [\w.]+(?: import .+)?$/m,
    hint: 'It looks like Python: set runtime to "python".',
  },
  {
    runtime: "python",
    sign: /^[ \t]*(?:(?:async )?function\b|(?:const|let|var) \w+ ?=)|=> ?\{|; ?$/m,
    hint: 'It looks like JavaScript: set runtime to "javascript".',
  },
  {
    runtime: "javascript",
    sign: /^[ \t]*(?:import\b.*\bfrom\b|export\b)/m,
    hint: "A script has no modules: what it needs stands in its code.",
  },
  {
    runtime: "javascript",
    sign: /\b(?:interface|enum|type) [A-Z]\w*|[\w)\]?]\s*:\s*(?:string|number|boolean|any|unknown|void|Record<|Promise<|[A-Z]\w*\[\])|\bas (?:const|string|number|any|[A-Z])/,
    hint: "It looks like TypeScript: give the JavaScript that it compiles to.",
  },
];

/** Enough to show what code is; looking at more would cost the server's own time. */
const LOOKED_AT_CHARS = 4_000;

/**
 * A sentence on what to do about code that does not parse; undefined when its looks say nothing.
 */
export function codeHint(runtime: Runtime, code: string): string | undefined {
  const begin = code.slice(0, LOOKED_AT_CHARS);
  return HINTS.find((hint) => (hint.runtime ?? runtime) === runtime && hint.sign.test(begin))?.hint;
}

export function isFenced(code: string): boolean {
  return FENCE.test(code);
}

/** True of a script that can give no value. */
export function neverReturns(code: string): boolean {
  return !/\b(?:return|yield|lambda|fail|throw|raise)\b/.test(code);
}
