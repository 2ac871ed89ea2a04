import { RE2JS } from "re2js";

/**
 * A regular expression that matches in linear time. Throws for what cannot (lookaround, backreferences). The object's
 * `toString` tells one pattern from another, which ajv relies on.
 */
export function patternEngine(pattern: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(pattern));
}
