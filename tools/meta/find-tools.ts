import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS, COPIED } from "../../src/operations/field-marks.ts";
import { TOOLSETS } from "../../src/operations/toolsets.ts";
import { READS } from "../fields.ts";

export const findTools = defineOperation({
  name: "stack_find_tools",
  title: "Find more tools",
  description:
    "Find tools that are not listed: to update and test skills, wallet history, refunds and payouts, favorites, the request board, connected services, reviews. Give words, an exact name, or a toolset. Returns the best eight with input_schema; then stack_run_read or stack_run_write.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    query: z
      .string()
      .max(200)
      .optional()
      .meta({ ...ABSENT_IS_LESS, ...COPIED })
      .describe("Words, or a tool's exact name"),
    toolset: z.enum(TOOLSETS).optional().meta(ABSENT_IS_LESS),
  }),
  output: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        toolset: z.enum(TOOLSETS),
        description: z.string(),
        run_with: z.enum(["stack_run_read", "stack_run_write"]),
        input_schema: z.unknown().optional(),
      }),
    ),
    note: z.string().optional(),
  }),
  idempotency: "none",
  toolset: "core",
  kind: "runner",
  mcp: READS,
  rest: false,
  example: { query: "refund" },
  handle: (input, { catalogue }) => catalogue().find(input),
});
