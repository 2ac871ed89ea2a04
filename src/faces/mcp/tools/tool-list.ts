import type { Tool } from "@modelcontextprotocol/server";
import type { Operation } from "../../../operations/define-operation.ts";
import { toolSchema } from "../../../operations/tool-schema.ts";

/**
 * The tools of a server, as clients are shown them. Built once: it never changes as a side effect
 * of a call.
 */
export function toolList(operations: readonly Operation[]): Tool[] {
  return operations.flatMap((operation) => (operation.mcp === false ? [] : [toolOf(operation)]));
}

function toolOf(operation: Operation): Tool {
  return {
    name: operation.name,
    title: operation.title,
    description: operation.description,
    inputSchema: toolSchema(operation.input, "input"),
    outputSchema: toolSchema(operation.output, "output"),
    annotations: { title: operation.title, ...operation.mcp },
  } as Tool;
}
