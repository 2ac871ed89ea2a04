import { PROGRAM } from "../shared/version.ts";
import type { Operation, RestRoute } from "./define-operation.ts";
import { Shapes } from "./shapes.ts";
import { jsonSchemaOf, namedSchemaOf } from "./tool-schema.ts";
import { TOOLSET_WORDS } from "./toolsets.ts";

type JsonObject = { [key: string]: unknown };

/**
 * The REST face as OpenAPI 3.1 describes it, out of the same definitions that answer its requests.
 */
export function openApiDocument(operations: readonly Operation[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  const shapes = new Shapes();
  for (const operation of operations) {
    if (operation.rest === false) continue;
    const path = operation.rest.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [operation.rest.method.toLowerCase()]: describe(operation, operation.rest, shapes),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "stack-mcp",
      version: PROGRAM.version,
      description: `${PROGRAM.description} All amounts are US cents. Errors name the field and the step that mends it.`,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [
      ...new Set(operations.filter(({ rest }) => rest !== false).map(({ toolset }) => toolset)),
    ].map((name) => ({
      name,
      description: TOOLSET_WORDS[name],
    })),
    security: [{ key: [] }],
    paths,
    components: { ...COMPONENTS, schemas: { ...COMPONENTS.schemas, ...shapes.all() } },
  };
}

function describe(
  operation: Operation,
  { method, status, path }: RestRoute,
  shapes: Shapes,
): JsonObject {
  const { name, title, description, scope, toolset, idempotency } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => String(parameter));
  const fields = fieldsOf(operation);
  const rest = Object.keys(fields.properties).filter((field) => !inPath.includes(field));
  const inQuery = method === "GET" || method === "DELETE" ? rest : [];
  const { example } = operation;
  const parameterOf = (place: "path" | "query") => (field: string) => ({
    name: field,
    in: place,
    required: place === "path" || fields.required.includes(field),
    description: descriptionOf(fields.properties[field], field),
    schema: fields.properties[field],
    ...(field in example ? { example: example[field] } : {}),
  });
  return {
    operationId: name,
    summary: title,
    description,
    tags: [toolset],
    "x-stack-scope": scope,
    parameters: [
      ...inPath.map(parameterOf("path")),
      ...inQuery.map(parameterOf("query")),
      ...(idempotency === "none" ? [] : [{ $ref: "#/components/parameters/IdempotencyKey" }]),
    ],
    ...(inQuery.length === 0 && rest.length > 0
      ? { requestBody: bodyOf(operation, fields, rest) }
      : {}),
    responses: {
      [status]: {
        description: "Done",
        content: {
          "application/json": { schema: shapes.refer(namedSchemaOf(operation.output, "output")) },
        },
      },
      ...(idempotency === "none"
        ? {}
        : { 402: { $ref: "#/components/responses/InsufficientBalance" } }),
      "4XX": { $ref: "#/components/responses/Refused" },
      "5XX": { $ref: "#/components/responses/Failed" },
    },
  };
}

/** Describes a parameter; one that its field does not describe is what it is called. */
function descriptionOf(schema: unknown, field: string): string {
  const { description } = (schema ?? {}) as { readonly description?: string };
  return description ?? `The ${field.replaceAll("_", " ")}`;
}

interface Fields {
  readonly properties: Record<string, unknown>;
  readonly required: readonly string[];
}

function fieldsOf(operation: Operation): Fields {
  const { properties = {}, required = [] } = jsonSchemaOf(
    operation.input,
    "input",
  ) as Partial<Fields>;
  return { properties, required };
}

function bodyOf(
  { example }: Operation,
  { properties, required }: Fields,
  rest: readonly string[],
): JsonObject {
  const only = (from: object) =>
    Object.fromEntries(Object.entries(from).filter(([field]) => rest.includes(field)));
  const needed = required.filter((field) => rest.includes(field));
  const schema = {
    type: "object",
    properties: only(properties),
    ...(needed.length > 0 ? { required: needed } : {}),
    additionalProperties: false,
  };
  return {
    required: needed.length > 0,
    content: { "application/json": { schema, example: only(example) } },
  };
}

const ENVELOPE = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "retry"],
      properties: {
        code: { type: "string", description: "Stable; docs/errors.md lists all" },
        message: { type: "string" },
        details: { type: "object" },
        retry: { type: "string", enum: ["fix_input", "after_action", "later", "never"] },
      },
    },
  },
};

const INSUFFICIENT = {
  type: "object",
  required: ["error", "code", "message", "required_cents", "balance_cents", "retry"],
  properties: {
    error: { const: "insufficient_balance" },
    code: { const: "INSUFFICIENT_CREDITS" },
    message: { type: "string" },
    required_cents: { type: "integer" },
    balance_cents: { type: "integer" },
    top_up_url: { type: "string", description: "Where a person can pay" },
    retry: { const: "after_action" },
  },
};

function response(description: string, schema: string): JsonObject {
  return {
    description,
    content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

const COMPONENTS = {
  securitySchemes: {
    key: {
      type: "http",
      scheme: "bearer",
      description: "An API key, sk_live_op_…; `stack-mcp key create` makes one",
    },
  },
  parameters: {
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      description:
        "Repeated, the call acts and charges once. The field idempotency_key is the same",
      schema: { type: "string", minLength: 1, maxLength: 200 },
    },
  },
  responses: {
    Refused: response("Refused; nothing was done", "ApiError"),
    Failed: response("Temporarily refused, or a fault of the server", "ApiError"),
    InsufficientBalance: response("The wallet does not cover it", "InsufficientBalance"),
  },
  schemas: { ApiError: ENVELOPE, InsufficientBalance: INSUFFICIENT },
};
