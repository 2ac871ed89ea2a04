import type { Operation } from "./define-operation.ts";

/** A message that speaks of operations, for somebody who types commands. */
export function inCommands(operations: readonly Operation[], message: string): string {
  return message
    .replace(/^The input of stack_\w+ is not valid: /, "What was given does not do: ")
    .replace(/\bstack_[a-z_]+/g, (tool) => {
      const command = operations.find(({ name }) => name === tool)?.command;
      return command === undefined ? `the tool ${tool}` : `\`stack-mcp ${command}\``;
    });
}
