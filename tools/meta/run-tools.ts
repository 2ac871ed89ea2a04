import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { COPIED } from "../../src/operations/field-marks.ts";
import { jsonObject, READS, WRITES } from "../fields.ts";

const input = z.strictObject({
  tool: z.string().max(64).meta(COPIED).describe("Name from stack_find_tools"),
  arguments: jsonObject.default({}),
});

/** The result of the tool itself, which the tool's own output schema has checked. */
const output = z.looseObject({});

export const runRead = defineOperation({
  name: "stack_run_read",
  title: "Run a tool that reads",
  description:
    "Run a tool that stack_find_tools found and that only reads. Returns what that tool returns.",
  scope: "skills:read",
  audience: "agents",
  input,
  output,
  idempotency: "none",
  toolset: "core",
  kind: "runner",
  mcp: READS,
  rest: false,
  example: { tool: "stack_list_transactions", arguments: { limit: 5 } },
  handle: ({ tool, arguments: given }, { catalogue }) => catalogue().run("read", tool, given),
});

export const runWrite = defineOperation({
  name: "stack_run_write",
  title: "Run a tool that changes something",
  description:
    "Run a tool that stack_find_tools found and that changes something. Returns what that tool returns.",
  scope: "skills:read",
  audience: "agents",
  input,
  output,
  idempotency: "none",
  toolset: "core",
  kind: "runner",
  mcp: { ...WRITES, destructiveHint: true, openWorldHint: true },
  rest: false,
  example: {
    tool: "stack_favorite_skill",
    arguments: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  },
  handle: ({ tool, arguments: given }, { catalogue }) => catalogue().run("write", tool, given),
});
