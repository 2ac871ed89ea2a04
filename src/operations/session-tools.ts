import type { Toolset } from "./toolsets.ts";

export interface FoundTool {
  readonly name: string;
  readonly toolset: Toolset;
  readonly description: string;
  readonly run_with: "stack_run_read" | "stack_run_write";
  readonly input_schema?: Record<string, unknown>;
}

export interface FindRequest {
  readonly query?: string | undefined;
  readonly toolset?: Toolset | undefined;
}

export interface FoundTools {
  readonly items: FoundTool[];
  readonly note?: string;
}

/** The operations of a session, as an operation may find and run others. */
export interface SessionTools {
  /** Finds operations by name or words, best first; a toolset alone is listed whole. */
  find(request: FindRequest): Promise<FoundTools>;
  /** Runs one as a call of its own. Throws what that call throws. */
  run(kind: "read" | "write", name: string, input: unknown): Promise<Record<string, unknown>>;
}
