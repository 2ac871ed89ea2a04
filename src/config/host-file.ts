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
  cors_origins: z
    .array(
      z
        .url({ protocol: /^https?$/ })
        .refine((text) => new URL(text).origin === text, "must be an origin, such as https://app.example"),
    )
    .default([]),
});

export interface HostProvider {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKeyEnv: string;
}

export interface HostFile {
  readonly providers: readonly HostProvider[];
  readonly review: ReviewMode;
  readonly corsOrigins: readonly string[];
}

/** What a host settles in `STACK_HOME/config.json`. Throws MISCONFIGURED. */
export function readHostFile(home: string): HostFile {
  const path = join(home, "config.json");
  const text = readIfPresent(path);
  const parsed = hostFileSchema.safeParse(text === undefined ? {} : parse(path, text));
  if (!parsed.success) throw new DomainError("MISCONFIGURED", `${path}: ${z.prettifyError(parsed.error)}`);
  const providers = Object.entries(parsed.data.providers).map(([name, provider]) => ({
    name,
    baseUrl: provider.base_url,
    apiKeyEnv: provider.api_key_env,
  }));
  return { providers, review: parsed.data.review, corsOrigins: parsed.data.cors_origins };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError("MISCONFIGURED", `${path} is not valid JSON.`);
  }
}
