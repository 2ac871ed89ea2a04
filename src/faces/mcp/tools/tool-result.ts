import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";

import { errorText } from "../../../operations/error-body.ts";
import type { Outcome } from "../../../operations/outcome.ts";

/** The answer to a call: a result, a request for input, or a task of the extension. */
export type ToolAnswer = CallToolResult | InputRequiredResult;

/** The facts go out twice, because clients differ in which form the model sees. */
export function toolResult(outcome: Outcome): CallToolResult {
  if (!outcome.ok)
    return { isError: true, content: [{ type: "text", text: errorText(outcome.error) }] };
  return {
    content: [{ type: "text", text: JSON.stringify(outcome.value) }],
    structuredContent: outcome.value,
  };
}
