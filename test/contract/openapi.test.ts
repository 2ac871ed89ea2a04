import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { openApiDocument } from "../../src/operations/openapi.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { send, sendOperation, startTestServer } from "../helpers/server.ts";

interface Described {
  readonly parameters: readonly {
    readonly name?: string;
    readonly in?: string;
    readonly schema?: object;
    readonly example?: unknown;
  }[];
  readonly requestBody?: {
    readonly content: {
      readonly "application/json": { readonly schema: object; readonly example: object };
    };
  };
  readonly responses: Record<
    string,
    {
      readonly content?: { readonly "application/json": { readonly schema: object } };
      readonly $ref?: string;
    }
  >;
}

const document = openApiDocument(OPERATIONS) as {
  paths: Record<string, Record<string, Described>>;
  components: object;
};
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const described = OPERATIONS.flatMap((operation) => {
  if (operation.rest === false) return [];
  const { method, path, status } = operation.rest;
  const description = document.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
  return [{ operation, description: description as Described, status }];
});

/** The schema of an answer; ranges stand for what is not named. */
function schemaOf({ responses }: Described, status: number): object {
  const found = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
  const name = found?.$ref?.split("/").at(-1);
  const components = { components: document.components };
  if (name === undefined)
    return { ...(found?.content?.["application/json"].schema ?? { not: {} }), ...components };
  const schemas: Record<string, string> = {
    Refused: "ApiError",
    Failed: "ApiError",
    InsufficientBalance: "InsufficientBalance",
  };
  return { $ref: `#/components/schemas/${schemas[name]}`, ...components };
}

test("is valid OpenAPI 3.1 to an independent validator", async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
  expect(document).toMatchObject({ openapi: "3.1.0" });
});

test("names once what several answers are", () => {
  const { schemas } = document.components as { schemas: Record<string, { properties?: object }> };
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining([
      "ApiError",
      "Invocation",
      "Money",
      "PublishedSkill",
      "Skill",
      "SkillListing",
      "SkillSummary",
    ]),
  );
  expect(schemas.Invocation?.properties).toMatchObject({
    held_cents: { $ref: "#/components/schemas/Money" },
  });
  const answer = document.paths["/v1/skills/invocations/{invocation_id}"]?.get?.responses[200];
  expect(answer?.content?.["application/json"].schema).toEqual({
    $ref: "#/components/schemas/Invocation",
  });
  expect(JSON.stringify(document)).not.toContain("x-shape");
});

test("describes every operation with a route, and every path once", () => {
  expect(described.every(({ description }) => description !== undefined)).toBe(true);
  const methods = Object.values(document.paths).flatMap((path) => Object.keys(path));
  expect(methods).toHaveLength(described.length);
});

test.each(described.map(({ operation, description }) => [operation.name, description] as const))(
  "gives %s an example that fits what is described",
  (_name, description) => {
    const body = description.requestBody?.content["application/json"];
    if (body) expect(ajv.validate(body.schema, body.example), ajv.errorsText()).toBe(true);
    for (const { schema, example } of description.parameters) {
      if (schema && example !== undefined)
        expect(ajv.validate(schema, example), ajv.errorsText()).toBe(true);
    }
  },
);

test("answers every example as it is described", async () => {
  const server = await startTestServer();
  for (const { operation, description, status } of described) {
    const answer = await sendOperation(server, server.localKey, operation, {
      ...operation.example,
    });
    const schema = schemaOf(description, answer.status);
    expect([operation.name, ajv.validate(schema, answer.body), ajv.errorsText()]).toEqual([
      operation.name,
      true,
      "No errors",
    ]);
    if (answer.status < 300) expect(answer.status).toBe(status);
    else expect([400, 401, 402, 403, 404, 409, 503]).toContain(answer.status);
  }
});

test("gives the document out, and a page that says the same", async () => {
  const server = await startTestServer();
  const { body, status } = await send(server, "GET /openapi.json");
  expect(status).toBe(200);
  expect(body).toEqual(JSON.parse(JSON.stringify(document)));
  const { text, headers } = await send(server, "GET /docs");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  for (const { operation } of described) expect(text).toContain(`id="${operation.name}"`);
  expect(text).not.toMatch(/(?:src|href)="https?:/);
});

test("changes only when somebody means it", () => {
  expect(document).toMatchSnapshot();
});
