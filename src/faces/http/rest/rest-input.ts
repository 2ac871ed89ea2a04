import type { Context } from "hono";
import { schemaOf } from "../../../operations/as-meant.ts";
import type { Operation } from "../../../operations/define-operation.ts";
import { DomainError, invalidRequest } from "../../../shared/errors.ts";
import { utf8 } from "../../../shared/utf8.ts";
import type { HttpEnv } from "../http-env.ts";

type Input = Record<string, unknown>;

/**
 * Reads the input of an operation from a request: names in its path, then its query or its body,
 * then headers.
 */
export async function inputOf(c: Context<HttpEnv>, operation: Operation): Promise<Input> {
  const given =
    c.req.method === "GET" || c.req.method === "DELETE"
      ? fromQuery(c, operation)
      : await fromBody(c);
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

/** Sets a field; throws when another place gave another value. */
function put(input: Input, name: string, value: string, from: string): void {
  if (name in input && input[name] !== value) {
    throw invalidRequest(name, `${name} is also in ${from}, with another value.`);
  }
  input[name] = value;
}

async function fromBody(c: Context<HttpEnv>): Promise<Input> {
  const text = bodyText(await c.req.arrayBuffer());
  if (text.trim() === "") return {};
  const body = parse(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Input;
  throw new DomainError("INVALID_REQUEST", "The body must be a JSON object.");
}

function bodyText(bytes: ArrayBuffer): string {
  try {
    return utf8(new Uint8Array(bytes));
  } catch {
    throw new DomainError(
      "INVALID_REQUEST",
      "The body is not UTF-8. JSON is always sent as UTF-8.",
    );
  }
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
  const { properties = {} } = schemaOf(operation);
  const queries = Object.entries(c.req.queries());
  return Object.fromEntries(
    queries.map(([name, values]) => [name, decode(properties[name]?.type, values)]),
  );
}

/** Of a list its items; anything else is text, which the engine reads as what the field takes. */
function decode(kind: unknown, values: readonly string[]): unknown {
  if (kind === "array")
    return values.flatMap((value) => value.split(",")).filter((value) => value !== "");
  return values.length > 1 ? values : values[0];
}
