import type { JsonObject } from "../../src/shared/json.ts";

/** The schema of an object whose properties are all required, unless others are named. */
export const objectSchema = (
  properties: JsonObject,
  required: string[] = Object.keys(properties),
  more: JsonObject = {},
): JsonObject => ({
  type: "object",
  properties,
  required,
  ...more,
});
