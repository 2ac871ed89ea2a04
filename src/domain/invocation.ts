export const INVOCATION_STATUSES = ["pending", "processing", "completed", "failed", "expired"] as const;
export type InvocationStatus = (typeof INVOCATION_STATUSES)[number];

/** How a run that was accepted can fail. */
export const VERDICTS = {
  timeout: "The step ran longer than its time limit.",
  memory: "The step used more memory than a guest is given.",
  output_too_large: "The output is larger than 1 MB.",
  output_invalid: "The output does not fit the skill's output_schema.",
  script_error: "The script threw an error.",
  llm_error: "The model step gave no usable answer.",
  crash: "The sandbox ended without a result.",
  lost: "The process that ran this ended before the result was recorded. Nothing was charged; invoke again, with a new idempotency_key.",
  provider_failed: "The provider reported that it could not do the work.",
} as const satisfies Record<string, string>;

export type Verdict = keyof typeof VERDICTS;

/** From these nothing leads on: the money has moved or is free again. */
const TERMINAL: readonly InvocationStatus[] = ["completed", "failed", "expired"];

export function isTerminal(status: InvocationStatus): boolean {
  return TERMINAL.includes(status);
}

/** When to ask again: soon at first, then with patience. */
export function pollAfterMs(ageMs: number): number {
  return ageMs < 30_000 ? 2_000 : 10_000;
}
