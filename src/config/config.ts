import { availableParallelism, homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { ReviewMode } from "../domain/market/skill.ts";
import type { OptionalLayer } from "../domain/runs/isolation.ts";
import type { ProviderSettings } from "../llm/llm-providers.ts";
import type { ProfileSettings } from "../operations/profile.ts";
import type { PaymentSettings } from "../payments/processors.ts";
import { DomainError } from "../shared/errors.ts";
import { LIMITS } from "../shared/limits.ts";
import type { LogLevel } from "../shared/logger.ts";
import { nearest } from "../shared/nearest.ts";
import { Secret } from "../shared/secret.ts";
import type { StripeSettings } from "../stripe/stripe-client.ts";
import { DEFAULT_HOME } from "./default-home.ts";
import { type Env, envSchema } from "./env.ts";
import { type HostFile, readHostFile } from "./host-file.ts";
import { identitySettings, paymentSettings, secretNamed } from "./payments.ts";
import { Problems } from "./problems.ts";
import { secretProblem, secretText } from "./secret-text.ts";

export interface HttpConfig {
  /** The origin under which others know the server, such as `https://stack.example`. */
  readonly publicUrl: string | undefined;
  /** Host names that requests may be addressed to, beside that of `publicUrl`. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read answers. */
  readonly corsOrigins: readonly string[];
}

export interface Config {
  readonly home: string;
  readonly apiKey: Secret<string> | undefined;
  readonly masterKey: Secret<string> | undefined;
  readonly llmFallback: "stand-in" | undefined;
  readonly providers: readonly ProviderSettings[];
  readonly stepTimeoutMs: number;
  readonly sandboxSlots: number;
  /** Layers of the sandbox without which the program refuses to start. */
  readonly sandboxRequire: readonly OptionalLayer[];
  /** Ports of this machine that skills may reach, for development. */
  readonly egressAllowLocal: readonly string[];
  /**
   * Through it goes what skills send, to addresses that were checked here; it may carry a name and
   * a password.
   */
  readonly egressProxy: Secret<URL> | undefined;
  /** `manual`: every skill is reviewed, whatever its publisher says. */
  readonly review: ReviewMode;
  /** Set: a new database is for live money, and one of play money is refused. */
  readonly payments: PaymentSettings | undefined;
  /** Set: claims can be proved to Stripe Identity. */
  readonly identity: StripeSettings | undefined;
  readonly retentionDays: number | undefined;
  readonly auditRetentionDays: number | undefined;
  /** The address at which others reach the HTTP server. */
  readonly http: HttpConfig;
  /** The tools that a session is given. */
  readonly profile: ProfileSettings;
  /** True: clients that say they can open a page for a person are asked to. */
  readonly elicitation: boolean;
  readonly logLevel: LogLevel;
  /** Things worth a line in the log that do not stop the program. */
  readonly warnings: readonly string[];
}

const PREFIX = "STACK_";
const SECRETS = ["STACK_API_KEY", "STACK_MASTER_KEY", "OPENAI_API_KEY"];

/**
 * Reads the environment and config.json into a frozen object. Throws MISCONFIGURED with every
 * problem of both at once.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    Object.entries(environment)
      .map(
        ([name, value = ""]) => [name, SECRETS.includes(name) ? secretText(value) : value] as const,
      )
      .filter(([, value]) => value !== ""),
  );
  const problems = new Problems();
  problems.add(...refusedNames(given), ...wrongSecrets(given, SECRETS));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success)
    problems.add(
      ...parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`),
    );
  const home = problems.collect(() => absoluteHome(given.STACK_HOME ?? DEFAULT_HOME));
  const host = home === undefined ? undefined : problems.collect(() => readHostFile(home));
  const secret = (name: string) =>
    problems.collect(() => secretNamed(name, given)) ?? new Secret("");
  const hosted = host && settingsOf(host, given, secret);
  if (!parsed.success || home === undefined || !hosted || problems.any)
    throw problems.toError(unknownNames(given));
  return Object.freeze(toConfig({ env: parsed.data, home, hosted, given }));
}

/** Settings of config.json, with the secrets that it names. */
function settingsOf(
  host: HostFile,
  given: NodeJS.ProcessEnv,
  secret: (name: string) => Secret<string>,
) {
  const keyOf = (name: string) => (given[name] === undefined ? undefined : secret(name));
  return {
    host,
    extra: host.providers.map((provider) => ({ ...provider, apiKey: keyOf(provider.apiKeyEnv) })),
    payments: paymentSettings(host.payments, secret),
    identity: identitySettings(host.identity, secret),
  };
}

interface Settings {
  readonly env: Env;
  readonly home: string;
  readonly hosted: ReturnType<typeof settingsOf>;
  readonly given: NodeJS.ProcessEnv;
}

function toConfig({ env, home, hosted, given }: Settings): Config {
  const hidden = (value: string | undefined) =>
    value === undefined ? undefined : new Secret(value);
  const openai = { name: "openai", baseUrl: env.OPENAI_BASE_URL, apiKeyEnv: "OPENAI_API_KEY" };
  const { host, extra, payments, identity } = hosted;
  return {
    home,
    apiKey: hidden(env.STACK_API_KEY),
    masterKey: hidden(env.STACK_MASTER_KEY),
    llmFallback: env.STACK_LLM_FALLBACK,
    providers: [
      { ...openai, apiKey: hidden(env.OPENAI_API_KEY) },
      ...extra.filter((p) => p.name !== "openai"),
    ],
    stepTimeoutMs: env.STACK_STEP_TIMEOUT_MS ?? LIMITS.stepTimeoutMs,
    sandboxRequire: env.STACK_SANDBOX_REQUIRE ?? [],
    sandboxSlots: env.STACK_SANDBOX_SLOTS ?? availableParallelism(),
    egressAllowLocal: env.STACK_EGRESS_ALLOW_LOCAL ?? [],
    egressProxy:
      env.STACK_EGRESS_PROXY === undefined
        ? undefined
        : new Secret(new URL(env.STACK_EGRESS_PROXY)),
    review: host.review,
    payments,
    identity,
    retentionDays: host.retentionDays,
    auditRetentionDays: host.auditRetentionDays,
    http: {
      publicUrl:
        env.STACK_PUBLIC_URL === undefined ? undefined : new URL(env.STACK_PUBLIC_URL).origin,
      allowedHosts: env.STACK_ALLOWED_HOSTS ?? [],
      corsOrigins: host.corsOrigins,
    },
    elicitation: env.STACK_ELICITATION !== "off",
    profile: {
      tools: env.STACK_TOOLS,
      exclude: env.STACK_EXCLUDE_TOOLS,
      readOnly: env.STACK_READ_ONLY === "1" || env.STACK_READ_ONLY === "true",
    },
    logLevel: env.STACK_LOG,
    warnings: unknownNames(given),
  };
}

/**
 * Returns the data folder. Expands `~`, because no shell does that in a client's configuration.
 * Throws for a relative path, whose base is unknown.
 */
function absoluteHome(given: string): string {
  const home = given === "~" || given.startsWith("~/") ? join(homedir(), given.slice(1)) : given;
  if (isAbsolute(home)) return resolve(home);
  throw new DomainError("MISCONFIGURED", "STACK_HOME must be an absolute path, or begin with ~/.");
}

function refusedNames(given: NodeJS.ProcessEnv): string[] {
  const names = Object.keys(given);
  const refused = names.filter((name) => name.startsWith("STACK_MCP_"));
  return refused.map((name) => `${name} is not a name this program knows`);
}

function wrongSecrets(given: NodeJS.ProcessEnv, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const { [name]: value } = given;
    const problem = value === undefined ? undefined : secretProblem(value);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}

function unknownNames(given: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(envSchema.shape);
  const rests = known
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
  return Object.keys(given)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => {
      // The prefix that all have in common brings none nearer.
      const [near] = nearest(name.slice(PREFIX.length), rests);
      const hint =
        near === undefined
          ? "`stack-mcp config print` lists the variables"
          : `the nearest is ${PREFIX}${near}`;
      return `${name} is not a variable of this program; ${hint}`;
    });
}
