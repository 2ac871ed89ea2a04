import { DomainError, invalidRequest } from "../shared/errors.ts";
import { LIMITS } from "../shared/limits.ts";
import type { Operation } from "./define-operation.ts";
import type { Outcome } from "./outcome.ts";
import type { Profile } from "./profile.ts";
import type { FindRequest, FoundTools, SessionTools } from "./session-tools.ts";
import { toolSchema } from "./tool-schema.ts";
import { ToolSearch } from "./tool-search.ts";

const SKILLS_ARE_ELSEWHERE =
  "These are tools of this server. stack_browse_skills finds work to buy.";

/** Number of tools up to which schemas are shown. */
const MAX_WITH_SCHEMA = 8;

/** The operations beyond those that a session lists, for an agent to find and run. */
export class Catalogue implements SessionTools {
  readonly #usable: readonly Operation[];
  readonly #allowed: readonly Operation[];
  readonly #run: (operation: Operation, input: unknown) => Promise<Outcome>;

  constructor(
    { usable, allowed }: Profile,
    run: (operation: Operation, input: unknown) => Promise<Outcome>,
  ) {
    this.#usable = runnable(usable);
    this.#allowed = runnable(allowed);
    this.#run = run;
  }

  /** Finds operations by name or words, best first; a toolset alone is listed whole. */
  async find({ query, toolset }: FindRequest): Promise<FoundTools> {
    const found =
      query === undefined
        ? this.#usable.filter((operation) => toolset === undefined || operation.toolset === toolset)
        : (await ToolSearch.over(this.#usable)).find(query, toolset);
    let room = LIMITS.pageChars;
    const items = found.map((operation) => {
      const input_schema = toolSchema(operation.input, "input");
      room -= JSON.stringify(input_schema).length;
      return {
        name: operation.name,
        toolset: operation.toolset,
        description: operation.description,
        run_with: onlyReads(operation) ? ("stack_run_read" as const) : ("stack_run_write" as const),
        input_schema: room > 0 && found.length <= MAX_WITH_SCHEMA ? input_schema : undefined,
      };
    });
    if (items.length === 0) return { items, note: this.#nothingFound() };
    return query !== undefined && query.trim() !== found[0]?.name
      ? { items, note: SKILLS_ARE_ELSEWHERE }
      : { items };
  }

  #nothingFound(): string {
    const sets = [...new Set(this.#usable.map(({ toolset }) => toolset))].join(", ");
    return `No tool matches. ${SKILLS_ARE_ELSEWHERE} Give other words, or a toolset, which is listed whole: ${sets}.`;
  }

  /**
   * Runs an operation as its own call: the same checks, value and errors.
   */
  async run(
    kind: "read" | "write",
    name: string,
    input: unknown,
  ): Promise<Record<string, unknown>> {
    const operation = this.#allowed.find((one) => one.name === name);
    if (!operation) {
      const message =
        "There is no such tool here: it may be for REST and the command line only. stack_find_tools lists the tools.";
      throw new DomainError("NOT_FOUND", message);
    }
    if (onlyReads(operation) !== (kind === "read")) {
      const right =
        kind === "read"
          ? "changes something: run it with stack_run_write"
          : "only reads: run it with stack_run_read";
      throw invalidRequest("tool", `${operation.name} ${right}.`);
    }
    const outcome = await this.#run(operation, input);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }
}

const RUNNABLE = new WeakMap<readonly Operation[], readonly Operation[]>();

/** Returns the operations that a session may find or run through others; cached by its list. */
function runnable(operations: readonly Operation[]): readonly Operation[] {
  const known =
    RUNNABLE.get(operations) ??
    operations.filter(({ mcp, kind }) => mcp !== false && kind !== "runner");
  RUNNABLE.set(operations, known);
  return known;
}

function onlyReads({ mcp }: Operation): boolean {
  return mcp !== false && mcp.readOnlyHint;
}
