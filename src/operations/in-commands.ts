import type { Operation } from "./define-operation.ts";

/** Rewrites a message about operations in words of commands. */
export function inCommands(operations: readonly Operation[], message: string): string {
  return message
    .replace(/^The input of stack_\w+ is not valid: /, "The arguments are not valid: ")
    .replace("details.misfits names the places", "the places are")
    .replace(/(?<=[.!?] )stack_[a-z_]+|\bstack_[a-z_]+/g, (tool, at: number) => {
      const command = operations.find(({ name }) => name === tool)?.command;
      const the = at > 0 && /[.!?] $/.test(message.slice(0, at)) ? "The" : "the";
      return command === undefined ? `${the} tool ${tool}` : `\`stack-mcp ${command}\``;
    });
}
