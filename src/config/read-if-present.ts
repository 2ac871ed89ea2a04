import { existsSync } from "node:fs";
import { textOfFile } from "../shared/text-file.ts";

/**
 * The text of a file, undefined when there is none. Throws MISCONFIGURED when it is there and
 * cannot be read.
 */
export function readIfPresent(path: string): string | undefined {
  return existsSync(path) ? textOfFile(path, "MISCONFIGURED") : undefined;
}
