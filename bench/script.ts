/** The smallest sealed skill: what a run of it costs is ours. */
export const SCRIPT = {
  name: "bench",
  description: "Adds one.",
  version: "1.0.0",
  execution_mode: "sealed",
  trust_level_required: "L0",
  price_per_invocation: 0,
  input_schema: { type: "object", properties: { n: { type: "number" } } },
  output_schema: { type: "object" },
  execution_steps: [{ type: "script", runtime: "javascript", code: "return { n: $INPUT.n + 1 };" }],
};
