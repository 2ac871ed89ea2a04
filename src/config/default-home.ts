import { homedir } from "node:os";
import { join } from "node:path";

/** Where the data folder is when nobody says. */
export const DEFAULT_HOME = join(homedir(), ".stack-mcp");
