import { expect, test } from "vitest";
import { toolResult } from "../../src/faces/mcp/tools/tool-result.ts";
import { errorBody } from "../../src/operations/error-body.ts";
import type { ErrorCode } from "../../src/shared/error-codes.ts";
import { ERRORS } from "../../src/shared/error-codes.ts";
import { DomainError } from "../../src/shared/errors.ts";
import { errorIn } from "../helpers/clients.ts";

test.each(Object.keys(ERRORS) as ErrorCode[])(
  "tells %s over MCP by code and sentence, no JSON as a whole, with the body of REST behind",
  (code) => {
    for (const details of [undefined, { field: "a", top_up_url: "http://localhost/x" }]) {
      const error = new DomainError(code, undefined, details);
      const answer = toolResult({ ok: false, error });
      const [{ text } = { text: "" }] = answer.content as { text: string }[];
      expect(answer).toMatchObject({ isError: true });
      expect(answer).not.toHaveProperty("structuredContent");
      expect(text.split("\n")[0]).toBe(`${code}: ${ERRORS[code].sentence}`);
      // A client that finds JSON in a text takes it for a result, and holds it against the output
      // schema.
      expect(() => JSON.parse(text)).toThrow();
      expect(errorIn(text)).toEqual(errorBody(error));
    }
  },
);
