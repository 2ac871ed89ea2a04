import type { Command } from "commander";
import type { HealthReport } from "../../services/health/health-service.ts";
import { type CliContext, printJson } from "./context.ts";

export function addDoctorCommand(program: Command, context: CliContext, ending: (code: number) => void): void {
  program
    .command("doctor")
    .description("what holds on this machine: keys, sandbox layers, model providers")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const report = await context.withServices((services) => services.health.report());
      ending(report.sandbox.problem === null ? 0 : 1);
      if (options.json) return printJson(context, report);
      printReport(context, report);
    });
}

function printReport(context: CliContext, { database, sandbox, egress, providers, ...program }: HealthReport): void {
  context.screen.title(`stack-mcp ${program.version}, Node ${program.node}, ${program.platform}`);
  context.screen.section("Data");
  context.screen.pairs([
    ["database", database.path],
    ["money", database.stamp === "play" ? "play money" : "live money"],
    ["master key", `${keyStoreText(database.key_store)}, fingerprint ${database.key_fingerprint}`],
  ]);
  context.screen.section("Sandbox");
  const state =
    sandbox.problem === null
      ? `works, a cold child is ready in ${sandbox.ready_ms} ms, a Python one in ${sandbox.python_ready_ms} ms`
      : `DOES NOT WORK: ${sandbox.problem}`;
  context.screen.pairs([
    ["state", state],
    ["at once", `${sandbox.slots} invocations`],
    ...sandbox.layers.map((layer) => [layer.name, `${layer.active ? "yes" : "no "}  ${layer.detail}`] as const),
  ]);
  context.screen.section("The way out");
  const local = egress.allow_local.length === 0 ? "no" : `YES, for development: ${egress.allow_local.join(", ")}`;
  context.screen.pairs([
    ["this machine", local],
    ["through", egress.proxy === null ? "no proxy" : `the HTTP proxy ${egress.proxy}`],
  ]);
  context.screen.section("Model providers");
  context.screen.pairs(
    providers.map(({ name, state: provider, api_key_env }) => [name, providerText(provider, api_key_env)] as const),
  );
}

function keyStoreText(store: string): string {
  if (store === "environment") return "from STACK_MASTER_KEY";
  return store === "keychain" ? "in the system's keychain" : "in a file of the data folder (mode 0600)";
}

function providerText(state: string, apiKeyEnv: string): string {
  if (state === "key") return `key from ${apiKeyEnv}`;
  if (state === "stand-in") return "no key; the labelled stand-in answers (STACK_LLM_FALLBACK)";
  return `no key: set ${apiKeyEnv}, or STACK_LLM_FALLBACK=stand-in`;
}
