import { join } from "node:path";
import * as z from "zod";
import { DomainError } from "../shared/errors.ts";
import { readIfPresent } from "./read-if-present.ts";

const hostFileSchema = z.strictObject({
  providers: z
    .record(
      z.string().regex(/^[a-z0-9-]+$/),
      z.strictObject({ base_url: z.url({ protocol: /^https?$/ }), api_key_env: z.string().regex(/^[A-Z][A-Z0-9_]*$/) }),
    )
    .default({}),
});

export interface HostProvider {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKeyEnv: string;
}

/** Further model providers from `STACK_HOME/config.json`; none when there is no such file. Throws MISCONFIGURED. */
export function readHostFile(home: string): HostProvider[] {
  const path = join(home, "config.json");
  const text = readIfPresent(path);
  if (text === undefined) return [];
  const parsed = hostFileSchema.safeParse(parse(path, text));
  if (!parsed.success) throw new DomainError("MISCONFIGURED", `${path}: ${z.prettifyError(parsed.error)}`);
  return Object.entries(parsed.data.providers).map(([name, provider]) => ({
    name,
    baseUrl: provider.base_url,
    apiKeyEnv: provider.api_key_env,
  }));
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError("MISCONFIGURED", `${path} is not valid JSON.`);
  }
}
