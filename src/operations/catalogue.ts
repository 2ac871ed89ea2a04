import { DomainError } from "../shared/errors.ts";
import type { Operation, Toolset } from "./define-operation.ts";
import type { Outcome } from "./engine.ts";
import { toolSchema } from "./tool-schema.ts";

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

/** Schemas are long: more tools than this are shown without. */
const WITH_SCHEMA = 4;
const NAME_POINTS = 3;

/** The operations beyond those that a session lists, for an agent to find and run. */
export class Catalogue {
  readonly #allowed: readonly Operation[];
  readonly #run: (operation: Operation, input: unknown) => Promise<Outcome>;

  constructor(allowed: readonly Operation[], run: (operation: Operation, input: unknown) => Promise<Outcome>) {
    this.#allowed = allowed.filter((operation) => operation.mcp !== false && operation.kind !== "runner");
    this.#run = run;
  }

  /** By name, or by words: those that have the most of them first. */
  find({ query, toolset }: FindRequest): FoundTool[] {
    const within = this.#allowed.filter((operation) => toolset === undefined || operation.toolset === toolset);
    const found = query === undefined ? within : ranked(within, query);
    return found.map((operation) => ({
      name: operation.name,
      toolset: operation.toolset,
      description: operation.description,
      run_with: onlyReads(operation) ? "stack_run_read" : "stack_run_write",
      ...(found.length <= WITH_SCHEMA ? { input_schema: toolSchema(operation.input, "input") } : {}),
    }));
  }

  /** Runs an operation as a call of its own: the same checks, value and errors. Throws what it throws. */
  async run(kind: "read" | "write", name: string, input: unknown): Promise<Record<string, unknown>> {
    const operation = this.#allowed.find((one) => one.name === name);
    if (!operation) {
      throw new DomainError("NOT_FOUND", "There is no such tool here. stack_find_tools shows those there are.");
    }
    if (onlyReads(operation) !== (kind === "read")) {
      const right =
        kind === "read" ? "changes something: run it with stack_run_write" : "only reads: run it with stack_run_read";
      throw new DomainError("INVALID_REQUEST", `${operation.name} ${right}.`, { field: "tool" });
    }
    const outcome = await this.#run(operation, input);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }
}

function ranked(operations: readonly Operation[], query: string): Operation[] {
  const exact = operations.find(({ name }) => name === query.trim());
  if (exact) return [exact];
  const words = query.toLowerCase().match(/[a-z0-9]{3,}/g) ?? [];
  return operations
    .map((operation) => ({ operation, points: pointsOf(operation, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ operation }) => operation);
}

function pointsOf({ name, title, description }: Operation, words: readonly string[]): number {
  const [names, texts] = [`${name} ${title}`.toLowerCase(), description.toLowerCase()];
  return words.reduce((sum, word) => sum + (names.includes(word) ? NAME_POINTS : texts.includes(word) ? 1 : 0), 0);
}

function onlyReads({ mcp }: Operation): boolean {
  return mcp !== false && mcp.readOnlyHint;
}
