import { homedir } from "node:os";
import { join } from "node:path";

/** The data folder, where no other is named. */
export const DEFAULT_HOME = join(homedir(), ".stack-mcp");
