/** A sentence for each code that a script may pass to `fail`. */
export type Refusals = Readonly<Record<string, string>>;

/** A refusal as its buyer reads it: words of the publisher, not ours. */
export interface Refusal {
  readonly code: string;
  readonly sentence: string;
}

/**
 * Tells which refusals reach a buyer. A code that is not declared could carry anybody's data out of
 * a seal.
 */
export interface RefusalRules {
  readonly declared: Refusals;
  /** True where the code is open to all: then any text is. */
  readonly takesAny: boolean;
}

export type JudgedRefusal =
  | { readonly verdict: "refused"; readonly refusal: Refusal }
  | {
      readonly verdict: "refused" | "script_error";
      readonly guestMessage: string;
      readonly cause?: string;
    };

const UNDECLARED = "The script called fail with a code that its refusals do not declare.";

const SHOWN_CHARS = 64;

/**
 * Says what a call of `fail` comes to. Without a declared code it is an error of the script,
 * unless any text is taken.
 */
export function judgeRefusal(said: string, { declared, takesAny }: RefusalRules): JudgedRefusal {
  const sentence = Object.hasOwn(declared, said) ? declared[said] : undefined;
  if (sentence !== undefined) return { verdict: "refused", refusal: { code: said, sentence } };
  if (takesAny) return { verdict: "refused", guestMessage: said.toWellFormed() };
  const shown = JSON.stringify(said.slice(0, SHOWN_CHARS).toWellFormed());
  const guestMessage = `fail(${shown}): refusals declares no such code. Add it there, with a sentence for buyers`;
  return { verdict: "script_error", guestMessage, cause: UNDECLARED };
}
