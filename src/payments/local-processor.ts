import type { LocalProcessor } from "./processor.ts";

export const localProcessor: LocalProcessor = { name: "local" };
