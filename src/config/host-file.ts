import { join } from "node:path";
import * as z from "zod";
import { REVIEW_MODES, type ReviewMode } from "../domain/market/skill.ts";
import { DomainError } from "../shared/errors.ts";
import { nearest } from "../shared/nearest.ts";
import { readIfPresent } from "./read-if-present.ts";

const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
const elsewhere = z.url({ protocol: /^https?$/ }).optional();

/** Secrets are in the environment; here stands under which names. */
const paymentsSchema = z
  .strictObject({
    topups: z.enum(["stripe", "paddle"]),
    stripe: z
      .strictObject({
        secret_key_env: variable.default("STRIPE_SECRET_KEY"),
        webhook_secret_env: variable.default("STRIPE_WEBHOOK_SECRET"),
        base_url: elsewhere,
      })
      .optional(),
    paddle: z
      .strictObject({
        api_key_env: variable.default("PADDLE_API_KEY"),
        webhook_secret_env: variable.default("PADDLE_WEBHOOK_SECRET"),
        environment: z.enum(["sandbox", "production"]).default("production"),
        base_url: elsewhere,
      })
      .optional(),
  })
  .refine(
    (payments) => payments[payments.topups] !== undefined,
    "names a processor for top-ups that it does not describe",
  );

const identitySchema = z.strictObject({
  stripe: z.strictObject({
    secret_key_env: variable.default("STRIPE_SECRET_KEY"),
    webhook_secret_env: variable.default("STRIPE_IDENTITY_WEBHOOK_SECRET"),
    base_url: elsewhere,
  }),
});

const hostFileSchema = z.strictObject({
  providers: z
    .record(
      z.string().regex(/^[a-z0-9-]+$/),
      z.strictObject({
        base_url: z.url({ protocol: /^https?$/ }),
        api_key_env: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
      }),
    )
    .default({}),
  review: z.enum(REVIEW_MODES).default("auto"),
  payments: paymentsSchema.optional(),
  identity: identitySchema.optional(),
  audit_retention_days: z.int().min(1).max(3_650).optional(),
  retention_days: z.int().min(1).max(3_650).optional(),
  cors_origins: z
    .array(
      z
        .url({ protocol: /^https?$/ })
        .refine(
          (text) => (URL.parse(text)?.origin ?? text) === text,
          "must be an origin, such as https://app.example",
        ),
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
  readonly payments: z.output<typeof paymentsSchema> | undefined;
  /** After so many days inputs and outputs of what is over are erased; undefined: never. */
  readonly retentionDays: number | undefined;
  readonly identity: z.output<typeof identitySchema> | undefined;
  /** Audit rows older than this may go, behind a signed checkpoint; undefined: never. */
  readonly auditRetentionDays: number | undefined;
}

/** Reads the settings of a host from `STACK_HOME/config.json`. Throws MISCONFIGURED. */
export function readHostFile(home: string): HostFile {
  const path = join(home, "config.json");
  const text = readIfPresent(path);
  const parsed = hostFileSchema.safeParse(text === undefined ? {} : parse(path, text));
  if (!parsed.success) {
    const problems = parsed.error.issues
      .flatMap((issue) => problemsOf(issue))
      .map((problem) => `${path}: ${problem}`);
    throw new DomainError("MISCONFIGURED", `${problems.join("; ")}.`, { problems });
  }
  const providers = Object.entries(parsed.data.providers).map(([name, provider]) => ({
    name,
    baseUrl: provider.base_url,
    apiKeyEnv: provider.api_key_env,
  }));
  const { review, cors_origins: corsOrigins, payments, identity } = parsed.data;
  const { retention_days: retentionDays, audit_retention_days: auditRetentionDays } = parsed.data;
  return { providers, review, corsOrigins, payments, identity, retentionDays, auditRetentionDays };
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return [`${at || "the whole"} ${ruleOf(issue)}`];
  const known = Object.keys(hostFileSchema.shape);
  return issue.keys.map((key) => {
    if (at !== "") return `${at}.${key} is not a known key`;
    const [near] = nearest(key, known);
    const hint = near === undefined ? "" : `; the nearest is ${near}`;
    return `${key} is not a known key${hint} (known are ${known.join(", ")})`;
  });
}

/** The rule that a value breaks, in words that follow its name. */
function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const missing = issue.message.endsWith("received undefined") ? "is missing: it " : "";
      return `${missing}must be ${KINDS[issue.expected] ?? issue.expected}`;
    }
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "invalid_format":
      return issue.format === "url"
        ? "must be an http(s) URL"
        : "must be the name of a variable, such as STRIPE_SECRET_KEY";
    case "invalid_key":
      return "must be named with a-z, 0-9 and hyphens";
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  array: "a list",
};

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError(
      "MISCONFIGURED",
      `${path} is not valid JSON: ${(error as Error).message}.`,
    );
  }
}
