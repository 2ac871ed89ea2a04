import { AGENT_SCOPES, type Scope } from "../domain/identity/caller.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { DomainError } from "../shared/errors.ts";
import type { Operation } from "./define-operation.ts";
import { TOOLSETS } from "./toolsets.ts";

/** The tools that a host lets a session use. */
export interface ProfileSettings {
  /** Names of toolsets and tools, or `all`; by default `core`. */
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** The operations of a session. It is settled before the first call and never changes. */
export interface Profile {
  /** Operations that `tools/list` shows. */
  readonly listed: readonly Operation[];
  /** Found by `stack_find_tools`: those that its caller has the rights for. */
  readonly usable: readonly Operation[];
  /**
   * Callable at all: by name, through `stack_run_read` and `stack_run_write`, or on another face
   * than MCP.
   */
  readonly allowed: readonly Operation[];
  /** True: its caller acts for an operator. */
  readonly isForAgent: boolean;
}

/** Rights of a session's caller, as far as it is known before its first call. */
export interface Rights {
  readonly scopes: readonly Scope[];
  /** True: it acts for an operator, by a passport or by a key of its own. */
  readonly isAgent: boolean;
}

export const AGENT_RIGHTS: Rights = { scopes: AGENT_SCOPES, isAgent: true };

/** Throws `refuse` for a name that is neither a toolset nor a tool. */
export function profileOf(
  operations: readonly Operation[],
  settings: ProfileSettings = {},
  refuse: "MISCONFIGURED" | "INVALID_REQUEST" = "MISCONFIGURED",
): Profile {
  const { tools = ["core"], exclude = [], readOnly = false } = settings;
  const [listing, excluding] =
    refuse === "MISCONFIGURED"
      ? ["--tools or STACK_TOOLS", "--exclude-tools or STACK_EXCLUDE_TOOLS"]
      : ["tools", "the host"];
  requireKnown(operations, { flag: listing, names: tools, others: ["all", ...TOOLSETS], refuse });
  requireKnown(operations, { flag: excluding, names: exclude, others: TOOLSETS, refuse });
  const named = (names: readonly string[], { name, toolset }: Operation) =>
    names.includes("all") || names.includes(toolset) || names.includes(name);
  const allowed = operations.filter(
    (operation) =>
      !named(exclude, operation) &&
      (!readOnly || (operation.mcp !== false && operation.mcp.readOnlyHint)),
  );
  const listed = allowed.filter((operation) => operation.mcp !== false && named(tools, operation));
  return { allowed, usable: allowed, listed, isForAgent: false };
}

/**
 * Returns a profile that lists only the operations within a caller's rights. Rights are checked
 * again at each call.
 */
export function fitted({ allowed, listed }: Profile, { scopes, isAgent }: Rights): Profile {
  const mayUse = (operation: Operation) =>
    (!isAgent || operation.audience !== undefined) &&
    (operation.audience === "anyone" || scopes.includes(scopeFor(operation, isAgent)));
  return {
    allowed,
    usable: allowed.filter(mayUse),
    listed: listed.filter(mayUse),
    isForAgent: isAgent,
  };
}

/** Returns the names of tools in a text, with repetitions. */
export function toolsNamedIn(text: string): readonly string[] {
  return text.match(/stack_[a-z_]+/g) ?? [];
}

/** Returns the scope that an operation requires of an agent, or of an operator. */
export function scopeFor({ scope, agentScope }: Operation, isAgent: boolean): Scope {
  return isAgent ? (agentScope ?? scope) : scope;
}

function requireKnown(
  operations: readonly Operation[],
  {
    flag,
    names,
    others,
    refuse,
  }: {
    readonly flag: string;
    readonly names: readonly string[];
    readonly others: readonly string[];
    readonly refuse: ErrorCode;
  },
) {
  const unknown = names.filter(
    (name) => !others.includes(name) && !operations.some((one) => one.name === name),
  );
  if (unknown.length === 0) return;
  const message = `${flag} names ${unknown.join(", ")}, and there is no such toolset or tool. Toolsets are ${others.join(", ")}.`;
  throw new DomainError(refuse, message);
}
