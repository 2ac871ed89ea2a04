let started = "stack-mcp";

/** Says how this process was started, as whoever reads its messages would start it again. */
export function nameProgram(command: string): void {
  started = command;
}

/** The command that starts this program again: `stack-mcp`, `npx stack-mcp`, or one with a path. */
export function startedAs(): string {
  return started;
}

/**
 * A text whose commands are written as the program was started: `npx stack-mcp seed`, or with a
 * path.
 */
export function asStarted(text: string): string {
  return started === "stack-mcp" ? text : text.replaceAll("`stack-mcp ", `\`${started} `);
}
