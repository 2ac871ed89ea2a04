import type * as z from "zod";
import { DomainError } from "../shared/errors.ts";
import type { Json } from "../shared/json.ts";
import { nearest } from "../shared/nearest.ts";
import { cut } from "../shared/text.ts";
import { schemaOf } from "./as-meant.ts";
import type { Operation } from "./define-operation.ts";
import type { SchemaNode } from "./flat-schema.ts";

const SHOWN_ISSUES = 8;
const SHOWN_NAME_CHARS = 64;

/** Returns the error for an input that does not fit its contract, with each field and its rule. */
export function misfit(operation: Operation, given: unknown, error: z.ZodError): DomainError {
  const described = error.issues
    .slice(0, SHOWN_ISSUES)
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? unknownFields(issue, operation)
        : [describeIssue(issue, given)],
    );
  const issues = described.slice(0, SHOWN_ISSUES);
  const rules = issues.map(({ path, rule }) => `${path} ${rule}`).join("; ");
  const message = `The input of ${operation.name} is not valid: ${rules}.`;
  return new DomainError("INVALID_REQUEST", message, { issues: issues as unknown as Json });
}

type Issue = { readonly path: string; readonly rule: string };

function describeIssue(issue: z.core.$ZodIssue, given: unknown): Issue {
  const path = issue.path.join(".") || "input";
  if (issue.code === "invalid_union") return { path, rule: describeUnion(issue) };
  if (issue.code === "too_small" && issue.message.startsWith("Too small")) {
    return { path, rule: bound(issue.origin, `at least ${issue.minimum}`) };
  }
  if (issue.code === "too_big" && issue.message.startsWith("Too big")) {
    return { path, rule: bound(issue.origin, `at most ${issue.maximum}`) };
  }
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid")) {
    const values = issue.values.map((value) => JSON.stringify(value)).join(" or ");
    return {
      path,
      rule: `${isMissing(given, issue.path) ? "is missing: it " : ""}must be ${values}`,
    };
  }
  if (issue.code === "invalid_key")
    return { path, rule: issue.issues[0]?.message ?? issue.message };
  if (issue.code === "invalid_type") return { path, rule: describeType(issue) };
  return { path, rule: issue.message };
}

function isMissing(given: unknown, path: readonly PropertyKey[]): boolean {
  let value = given;
  for (const part of path) value = Object(value)[part];
  return value === undefined;
}

/** Lists unknown fields, each with the nearest known names. */
function unknownFields(
  { path, keys }: z.core.$ZodIssueUnrecognizedKeys,
  operation: Operation,
): Issue[] {
  const known = fieldsAt(schemaOf(operation), path);
  return keys.slice(0, SHOWN_ISSUES).map((name) => {
    const near = nearest(name, known);
    const hint = near.length === 0 ? "" : `, but ${near.join(" or ")} is`;
    return {
      path: [...path, cut(name, SHOWN_NAME_CHARS)].join("."),
      rule: `is not a known field${hint}`,
    };
  });
}

function fieldsAt(schema: SchemaNode, path: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = schema;
  for (const part of path)
    node =
      typeof part === "number" ? (node?.items as SchemaNode) : node?.properties?.[String(part)];
  return Object.keys(node?.properties ?? {});
}

/** Writes a bound: characters of a text, items of a list. */
function bound(origin: string, size: string): string {
  if (origin === "string") return `must have ${size} characters`;
  return origin === "array" ? `must have ${size} items` : `must be ${size}`;
}

const PLAIN_NAMES: Readonly<Record<string, string>> = {
  record: "an object",
  object: "an object",
  int: "a whole number",
  array: "a list",
};

function describeType(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.message.endsWith("received undefined")) return "is missing";
  return `must be ${PLAIN_NAMES[issue.expected] ?? `a ${issue.expected}`}`;
}

/** Returns the branch that the caller most likely meant: the one with the fewest issues. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): string {
  const missing = issue.errors.every(
    ([error]) => error?.path.length === 0 && error.message.endsWith("received undefined"),
  );
  if (missing) return "is missing";
  const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
  const [first] = closest ?? [];
  return first ? `${first.path.join(".")} ${first.message}`.trim() : issue.message;
}
