import type { Context } from "hono";
import * as z from "zod";
import type { Operation } from "../../operations/define-operation.ts";
import { DomainError } from "../../shared/errors.ts";
import type { HttpEnv } from "./http-env.ts";

type Input = Record<string, unknown>;

/** What a request asks of an operation: names in its path, then its query or its body, then headers. */
export async function inputOf(c: Context<HttpEnv>, operation: Operation): Promise<Input> {
  const given = c.req.method === "GET" || c.req.method === "DELETE" ? fromQuery(c, operation) : await fromBody(c);
  const input = { ...given };
  for (const [name, value] of Object.entries(c.req.param())) put(input, name, value, "the path");
  for (const [field, header] of Object.entries(headersOf(operation))) {
    const value = c.req.header(header);
    if (value !== undefined) put(input, field, value, `the header ${header}`);
  }
  return input;
}

/** Fields that an operation takes as headers, by the header's name. */
export function headersOf({ idempotency, headers }: Operation): Readonly<Record<string, string>> {
  const own = headers as Readonly<Record<string, string>> | undefined;
  return idempotency === "none" ? { ...own } : { idempotency_key: "Idempotency-Key", ...own };
}

/** Said twice, it must be the same. */
function put(input: Input, name: string, value: string, from: string): void {
  if (name in input && input[name] !== value) {
    throw new DomainError("INVALID_REQUEST", `${name} is also in ${from}, and there it differs.`, { field: name });
  }
  input[name] = value;
}

async function fromBody(c: Context<HttpEnv>): Promise<Input> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  const body = parse(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Input;
  throw new DomainError("INVALID_REQUEST", "The body must be a JSON object.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError(
      "INVALID_REQUEST",
      "The body is not JSON. Send an object with Content-Type: application/json.",
    );
  }
}

function fromQuery(c: Context<HttpEnv>, operation: Operation): Input {
  const kinds = kindsOf(operation);
  const queries = Object.entries(c.req.queries());
  return Object.fromEntries(queries.map(([name, values]) => [name, decode(kinds.get(name), values)]));
}

/** A value that is not of its kind stays text: the one parse behind this says what is wrong with it. */
function decode(kind: string | undefined, values: readonly string[]): unknown {
  const [first = ""] = values;
  if (kind === "array") return values.flatMap((value) => value.split(",")).filter((value) => value !== "");
  if (values.length > 1) return values;
  if ((kind === "integer" || kind === "number") && /^-?\d{1,15}$/.test(first)) return Number(first);
  if (kind === "boolean" && (first === "true" || first === "false")) return first === "true";
  return first;
}

const KINDS = new WeakMap<Operation, ReadonlyMap<string, string>>();

/** The JSON type of each field. */
function kindsOf(operation: Operation): ReadonlyMap<string, string> {
  const known = KINDS.get(operation);
  if (known) return known;
  const { properties = {} } = z.toJSONSchema(operation.input, { io: "input" });
  const kinds = new Map(Object.entries(properties).map(([name, schema]) => [name, String(Object(schema).type)]));
  KINDS.set(operation, kinds);
  return kinds;
}
