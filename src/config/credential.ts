import { join } from "node:path";
import * as z from "zod";
import type { Credential } from "../services/auth/authentication-service.ts";
import { DomainError } from "../shared/errors.ts";
import { Secret } from "../shared/secret.ts";
import type { Config } from "./config.ts";
import { readIfPresent } from "./read-if-present.ts";
import { secretProblem, secretText } from "./secret-text.ts";

const fileSchema = z.object({ api_key: z.string().min(1) });

/**
 * Finds the credential of a caller over stdio: STACK_API_KEY, then `credentials.json` in the data
 * folder, then the local operator. Throws MISCONFIGURED for a credentials file that cannot be read
 * as one.
 */
export function stdioCredential(config: Config): Credential {
  if (config.apiKey) return { kind: "bearer", token: config.apiKey, source: "STACK_API_KEY" };
  const path = join(config.home, "credentials.json");
  const text = readIfPresent(path);
  if (text === undefined) return { kind: "local" };
  const key = parse(path, text);
  const problem = secretProblem(key);
  if (problem !== undefined) throw new DomainError("MISCONFIGURED", `${path}: api_key ${problem}.`);
  return { kind: "bearer", token: new Secret(secretText(key)), source: path };
}

function parse(path: string, text: string): string {
  try {
    return fileSchema.parse(JSON.parse(text)).api_key;
  } catch {
    throw new DomainError(
      "MISCONFIGURED",
      `${path} is not of the form {"api_key":"sk_live_op_…"}.`,
    );
  }
}
