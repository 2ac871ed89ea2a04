import type { Runtime } from "../domain/market/skill.ts";
import type { Json } from "../shared/json.ts";

/** The usage of one script step, whatever became of it. */
export interface ScriptUsage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly fetchCalls: number;
}

type ScriptLimit = "timeout" | "memory" | "output_too_large";

/** The outcome of a script. A guest's failure is a value here and never an exception. */
export type ScriptOutcome = ScriptEnding & {
  /** Lines that the script printed, where they were wanted. */
  readonly printed?: readonly string[];
};

type ScriptEnding =
  | { readonly kind: "ok"; readonly value: Json; readonly usage: ScriptUsage }
  | { readonly kind: "limit"; readonly limit: ScriptLimit; readonly usage: ScriptUsage }
  | {
      readonly kind: "error";
      /** Guest text: for the publisher's own eyes at most. */
      readonly name: string;
      readonly message: string;
      readonly line: number | undefined;
      readonly usage: ScriptUsage;
    }
  /** The script called `fail`: `code` is guest text, until it is found to be declared. */
  | { readonly kind: "refused"; readonly code: string; readonly usage: ScriptUsage }
  | { readonly kind: "crashed"; readonly reason: string; readonly usage: ScriptUsage }
  | { readonly kind: "cancelled"; readonly usage: ScriptUsage };

/** The answer to a guest's `proxy_fetch`: a response, or a sentence of ours and the rule's code. */
export type FetchAnswer =
  | { readonly ok: true; readonly response: Json }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Answers one call, `[url, init]` as the guest gave it. Never rejects; the signal aborts when the
 * step is over.
 */
export type FetchHandler = (request: Json, signal: AbortSignal) => Promise<FetchAnswer>;

/** A script on its way into a child: the code stays sealed until it is there. */
export interface ScriptJob {
  readonly runtime: Runtime;
  readonly code: {
    readonly ciphertext: Buffer;
    readonly dataKey: Buffer;
    readonly additionalData: string;
  };
  /** JSON text. */
  readonly input: string;
  /** JSON text of what the step before gave; `null` in a first step. */
  readonly prev: string;
  readonly timeoutMs: number;
  /** True where its author tries it: what it prints comes back. */
  readonly traced?: boolean;
  /** True: it is parsed and not run. A script that parses gives null. */
  readonly parsedOnly?: boolean;
  /** The guest's only way out. */
  readonly fetch: FetchHandler;
}
