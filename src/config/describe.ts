import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** A configuration as a host reads it: each setting under its name, secrets only as set or not. */
export function describeConfig(config: Config): [name: string, value: string][] {
  const { http, payments, profile, egressProxy } = config;
  const file = join(config.home, "config.json");
  const secret = (value: unknown) => (value === undefined ? "not set" : "set");
  const list = (values: readonly string[] | undefined, none: string) =>
    values?.length ? values.join(", ") : none;
  const days = (value: number | undefined) => (value === undefined ? "for ever" : `${value} days`);
  return [
    ["STACK_HOME", config.home],
    ["config.json", existsSync(file) ? file : "none"],
    ["STACK_API_KEY", secret(config.apiKey)],
    ["STACK_MASTER_KEY", secret(config.masterKey)],
    ["STACK_PUBLIC_URL", http.publicUrl ?? "not set"],
    ["STACK_ALLOWED_HOSTS", list(http.allowedHosts, "this machine")],
    ["cors_origins", list(http.corsOrigins, "none")],
    ["STACK_TOOLS", list(profile.tools, "core")],
    ["STACK_EXCLUDE_TOOLS", list(profile.exclude, "none")],
    ["STACK_READ_ONLY", profile.readOnly ? "yes" : "no"],
    ["STACK_ELICITATION", config.elicitation ? "on" : "off"],
    ["STACK_LLM_FALLBACK", config.llmFallback ?? "none"],
    ...config.providers.map((one): [string, string] => [
      `provider ${one.name}`,
      `${one.apiKeyEnv} ${secret(one.apiKey)}${one.baseUrl === undefined ? "" : `, at ${originOf(one.baseUrl)}`}`,
    ]),
    ["STACK_STEP_TIMEOUT_MS", String(config.stepTimeoutMs)],
    ["STACK_SANDBOX_SLOTS", String(config.sandboxSlots)],
    ["STACK_SANDBOX_REQUIRE", list(config.sandboxRequire, "nothing")],
    ["STACK_EGRESS_ALLOW_LOCAL", list(config.egressAllowLocal, "nothing")],
    ["STACK_EGRESS_PROXY", egressProxy === undefined ? "none" : egressProxy.reveal().host],
    ["review", config.review],
    [
      "payments",
      payments === undefined ? "play money" : `live, top-ups through ${payments.topups}`,
    ],
    ["identity", config.identity === undefined ? "none" : "Stripe Identity"],
    ["retention_days", days(config.retentionDays)],
    ["audit_retention_days", days(config.auditRetentionDays)],
    ["STACK_LOG", config.logLevel],
  ];
}

/** Without what may be a secret in an address: name, password, path, query. */
function originOf(address: string): string {
  return URL.parse(address)?.origin ?? "an address that cannot be read";
}
