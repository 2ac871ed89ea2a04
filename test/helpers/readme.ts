import { readFileSync } from "node:fs";

/**
 * The commands of a Markdown file's shell blocks in their order, each as it is printed; one may go
 * over several lines.
 */
export function shellCommands(file: URL): string[] {
  const blocks = [...readFileSync(file, "utf8").matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block = ""]) => block,
  );
  return blocks.flatMap(commandsOf);
}

function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let open = "";
  for (const line of block.split("\n").map((text) => text.replace(/\s+# .*$/, ""))) {
    if (open === "" && line.trim() === "") continue;
    open += open === "" ? line : `\n${line}`;
    // A quote or a backslash at the end goes on in the next line.
    if (open.endsWith("\\") || (open.split("'").length - 1) % 2 === 1) continue;
    commands.push(open);
    open = "";
  }
  return commands;
}
