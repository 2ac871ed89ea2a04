import { HostileJsonError, parseHostileJson } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { ScriptOutcome } from "./outcome.ts";
import type { ChildReport } from "./protocol.ts";

/**
 * A child that dies this near its bound without a word was most likely refused memory by the
 * kernel.
 */
const MEMORY_SUSPICION = 0.5;

const OUT_OF_BUFFERS = "Array buffer allocation failed";

export type Ending = ScriptOutcome extends infer Outcome
  ? Outcome extends unknown
    ? Omit<Outcome, "usage" | "printed">
    : never
  : never;

export function endingOf(
  message: Exclude<ChildReport["message"], { type: "fetch" | "printed" }>,
): Ending {
  switch (message.type) {
    case "result":
      return resultOf(message.json);
    case "oversize":
      return { kind: "limit", limit: "output_too_large" };
    case "memory":
    case "timeout":
      return { kind: "limit", limit: message.type };
    case "refused":
      return { kind: "refused", code: message.code };
    case "error":
      // V8 has several words for it, and this one a script can catch.
      if (message.message.startsWith(OUT_OF_BUFFERS)) return { kind: "limit", limit: "memory" };
      return { kind: "error", name: message.name, message: message.message, line: lineOf(message) };
    case "ready":
      return { kind: "crashed", reason: "it said twice that it was ready" };
  }
}

function resultOf(json: string): Ending {
  if (Buffer.byteLength(json) > LIMITS.outputBytes)
    return { kind: "limit", limit: "output_too_large" };
  try {
    return { kind: "ok", value: parseHostileJson(json) };
  } catch (error) {
    if (!(error instanceof HostileJsonError)) throw error;
    return {
      kind: "error",
      name: "RangeError",
      message: `the result is ${error.message}`,
      line: undefined,
    };
  }
}

/** The publisher's line, as far as the guest's stack can be believed. */
function lineOf(error: { readonly stack: string }): number | undefined {
  const found = /skill\.(?:js|py):(\d{1,6})/.exec(error.stack);
  return found ? Math.max(1, Number(found[1])) : undefined;
}

export function deathOf(reason: string, peakMb: number, memoryMb: number): Ending {
  if (peakMb > memoryMb * MEMORY_SUSPICION) return { kind: "limit", limit: "memory" };
  return { kind: "crashed", reason };
}
