import { DomainError, type ErrorCode } from "../shared/errors.ts";
import { type Operation, TOOLSETS } from "./define-operation.ts";

/** What a host lets a session use. */
export interface ProfileSettings {
  /** Names of toolsets and tools, or `all`; by default `core`. */
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** The operations of a session. It is settled before the first call and never changes. */
export interface Profile {
  /** Shown by `tools/list` and callable by name. */
  readonly listed: readonly Operation[];
  /** Callable at all: by name, through `stack_run_read` and `stack_run_write`, or on another face than MCP. */
  readonly allowed: readonly Operation[];
}

/** Throws `refuse` for a name that is neither a toolset nor a tool. */
export function profileOf(
  operations: readonly Operation[],
  settings: ProfileSettings = {},
  refuse: "MISCONFIGURED" | "INVALID_REQUEST" = "MISCONFIGURED",
): Profile {
  const { tools = ["core"], exclude = [], readOnly = false } = settings;
  const [listing, excluding] = refuse === "MISCONFIGURED" ? ["--tools", "--exclude-tools"] : ["tools", "the host"];
  requireKnown(operations, listing, tools, ["all", ...TOOLSETS], refuse);
  requireKnown(operations, excluding, exclude, TOOLSETS, refuse);
  const named = (names: readonly string[], { name, toolset }: Operation) =>
    names.includes("all") || names.includes(toolset) || names.includes(name);
  const allowed = operations.filter(
    (operation) => !named(exclude, operation) && (!readOnly || (operation.mcp !== false && operation.mcp.readOnlyHint)),
  );
  return { allowed, listed: allowed.filter((operation) => operation.mcp !== false && named(tools, operation)) };
}

function requireKnown(
  operations: readonly Operation[],
  flag: string,
  names: readonly string[],
  others: readonly string[],
  refuse: ErrorCode,
) {
  const unknown = names.filter((name) => !others.includes(name) && !operations.some((one) => one.name === name));
  if (unknown.length === 0) return;
  const message = `${flag} names ${unknown.join(", ")}, and there is no such toolset or tool. Toolsets are ${others.join(", ")}.`;
  throw new DomainError(refuse, message);
}
