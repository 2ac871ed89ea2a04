import { join } from "node:path";
import * as z from "zod";
import { REVIEW_MODES, type ReviewMode } from "../domain/skill.ts";
import { DomainError } from "../shared/errors.ts";
import { readIfPresent } from "./read-if-present.ts";

const hostFileSchema = z.strictObject({
  providers: z
    .record(
      z.string().regex(/^[a-z0-9-]+$/),
      z.strictObject({ base_url: z.url({ protocol: /^https?$/ }), api_key_env: z.string().regex(/^[A-Z][A-Z0-9_]*$/) }),
    )
    .default({}),
  review: z.enum(REVIEW_MODES).default("auto"),
});

export interface HostProvider {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKeyEnv: string;
}

export interface HostFile {
  readonly providers: readonly HostProvider[];
  readonly review: ReviewMode;
}

/** What a host settles in `STACK_HOME/config.json`: further model providers, and whether skills are reviewed. Throws MISCONFIGURED. */
export function readHostFile(home: string): HostFile {
  const path = join(home, "config.json");
  const text = readIfPresent(path);
  if (text === undefined) return { providers: [], review: "auto" };
  const parsed = hostFileSchema.safeParse(parse(path, text));
  if (!parsed.success) throw new DomainError("MISCONFIGURED", `${path}: ${z.prettifyError(parsed.error)}`);
  const providers = Object.entries(parsed.data.providers).map(([name, provider]) => ({
    name,
    baseUrl: provider.base_url,
    apiKeyEnv: provider.api_key_env,
  }));
  return { providers, review: parsed.data.review };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError("MISCONFIGURED", `${path} is not valid JSON.`);
  }
}
