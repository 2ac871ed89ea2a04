/** An invocation to measure: a run of its own, though the same was asked for a moment ago. */
export function order(input: object) {
  return { input, repeat: true, wait_ms: 25_000 };
}
