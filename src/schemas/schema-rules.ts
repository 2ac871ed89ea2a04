import type { Json } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import { patternEngine } from "./pattern-engine.ts";

const DIALECT = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;
/** Under these a key is a name of the publisher's and not a keyword. */
const NAME_MAPS = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** These hold values and not schemas. */
const VALUES = new Set(["const", "enum", "default", "examples"]);

/**
 * Why a publisher's schema is not accepted, or undefined when it is. A schema is hostile input: its size, depth and number
 * of references are bounded, references stay inside it, and its regular expressions run in linear time. What hides from
 * this walk (a schema inside a `const`, say) is met when the schema is compiled, without the good message.
 */
export function schemaProblem(schema: Json): string | undefined {
  const text = JSON.stringify(schema);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.schemaBytes) return `it is ${bytes} bytes; at most ${LIMITS.schemaBytes} are allowed`;
  const refs = text.match(/"\$ref":/g)?.length ?? 0;
  if (refs > LIMITS.schemaRefs) return `it has ${refs} references; at most ${LIMITS.schemaRefs} are allowed`;
  return schemaNodeProblem(schema, "", 0);
}

function schemaNodeProblem(node: Json | undefined, path: string, depth: number): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if (depth > LIMITS.schemaDepth) return `it nests deeper than ${LIMITS.schemaDepth} levels at ${path}`;
  for (const [keyword, value] of Object.entries(node)) {
    const at = `${path}/${keyword}`;
    const problem = keywordProblem(keyword, value, at) ?? nestedProblem(keyword, value, at, depth);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nestedProblem(keyword: string, value: Json | undefined, at: string, depth: number): string | undefined {
  if (VALUES.has(keyword)) return undefined;
  if (!NAME_MAPS.has(keyword) || typeof value !== "object" || value === null) {
    return schemaNodeProblem(value, at, depth + 1);
  }
  for (const [name, schema] of Object.entries(value)) {
    const problem = schemaNodeProblem(schema, `${at}/${name}`, depth + 2);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function keywordProblem(keyword: string, value: Json | undefined, at: string): string | undefined {
  switch (keyword) {
    case "$schema":
      if (typeof value !== "string" || DIALECT.test(value)) return undefined;
      return `${at} names another dialect; use draft 2020-12 or leave it out`;
    case "$async":
      return `${at} is not part of JSON Schema`;
    case "$dynamicRef":
      return `${at} is not supported; use $ref`;
    case "$ref":
      if (typeof value !== "string" || value.startsWith("#")) return undefined;
      return `${at} refers to something outside the schema; only local references (#…) are followed`;
    case "pattern":
      return typeof value === "string" ? patternProblem(value, at) : undefined;
    case "patternProperties":
      if (typeof value !== "object" || value === null) return undefined;
      return Object.keys(value)
        .map((pattern) => patternProblem(pattern, at))
        .find((problem) => problem !== undefined);
    default:
      return undefined;
  }
}

function patternProblem(pattern: string, at: string): string | undefined {
  try {
    patternEngine(pattern);
    return undefined;
  } catch {
    return `the regular expression at ${at} is not supported: lookaround and backreferences are not, and it must be valid`;
  }
}
