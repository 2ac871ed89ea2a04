import type { Command } from "commander";
import type { HealthReport } from "../../services/host/health-service.ts";
import type { HostCheck } from "../../services/host/host-checks.ts";
import { type CliContext, printJson } from "./context.ts";
import { portCheck } from "./port-check.ts";
import { bad, doubtful, good, type Words } from "./terminal/screen.ts";

export function addDoctorCommand(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  program
    .command("doctor")
    .description(
      "check this machine, and name a remedy for each problem; exit code 1 when something is wrong",
    )
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const { home, exists } = context.dataFolder();
      if (!exists) return beforeFolder(context, options, { home, ending });
      const { served, ...looked } = await context.withServices(async ({ health, pages }) => ({
        ...(await health.report()),
        served: await pages.current(),
      }));
      const report = { ...looked, host: [...looked.host, await portCheck(served)] };
      const isWrong =
        report.sandbox.problem !== null || report.host.some(({ state }) => state === "bad");
      ending(isWrong ? 1 : 0);
      if (options.json) return printJson(context, report);
      printReport(context, report);
    });
}

/** Looks at the machine where there is no data folder yet, and makes none. */
async function beforeFolder(
  context: CliContext,
  options: { readonly json?: boolean },
  { home, ending }: { readonly home: string; readonly ending: (code: number) => void },
): Promise<void> {
  const {
    database: _,
    host: __,
    ...machine
  } = await context.withThrowaway(({ health }) => health.report());
  const report = { ...machine, database: null, host: [await portCheck(undefined)] };
  ending(report.sandbox.problem === null ? 0 : 1);
  if (options.json) return printJson(context, report);
  printProgram(context, report);
  context.screen.section("Data");
  context.screen.pairs([
    ["database", doubtful(`none yet in ${home}: the first \`stack-mcp serve\` makes it`)],
  ]);
  printMachine(context, report);
}

type Machine = Omit<HealthReport, "database">;

function printProgram({ screen }: CliContext, program: Machine): void {
  screen.title(`stack-mcp ${program.version}, Node ${program.node}, ${program.platform}`);
}

function printReport(context: CliContext, { database, ...machine }: HealthReport): void {
  const { screen } = context;
  printProgram(context, machine);
  screen.section("Data");
  screen.pairs([
    ["database", database.path],
    ["money", database.stamp === "play" ? "play money" : "live money"],
    ["master key", `${keyStoreText(database.key_store)}, fingerprint ${database.key_fingerprint}`],
  ]);
  printMachine(context, machine);
}

function printMachine({ screen }: CliContext, { host, sandbox, egress, providers }: Machine): void {
  screen.section("Host");
  screen.pairs(host.flatMap(checkPairs));
  screen.section("Sandbox");
  screen.pairs([
    ["state", sandboxState(sandbox)],
    ["at once", `${sandbox.slots} invocations`],
    ...sandbox.layers.flatMap(layerPairs),
  ]);
  screen.section("Egress");
  const local =
    egress.allow_local.length === 0
      ? "no"
      : doubtful(`YES, for development: ${egress.allow_local.join(", ")}`);
  screen.pairs([
    ["this machine", local],
    ["through", egress.proxy === null ? "no proxy" : `the HTTP proxy ${egress.proxy}`],
  ]);
  screen.section("Model providers");
  screen.pairs(
    providers.map(
      ({ name, state, api_key_env }) => [name, providerText(state, api_key_env)] as const,
    ),
  );
}

const MARKS = { good: good("ok"), doubtful: doubtful("? "), bad: bad("no") } as const;

function checkPairs({ name, state, detail, remedy }: HostCheck): (readonly [string, Words])[] {
  return [
    [name, [MARKS[state], `  ${detail}`]],
    ...(remedy === undefined ? [] : [["", remedy] as const]),
  ];
}

/** The step that makes a missing layer hold, by its name. */
const REMEDIES: Readonly<Record<string, string>> = {
  rlimits: "Install util-linux: it has prlimit and setpriv.",
  "uid-drop":
    "Start the server as root: its children then give up the rights. Not needed with bubblewrap, which does more.",
  "network-namespace":
    "Install util-linux, or let users make namespaces (sysctl user.max_user_namespaces).",
  bubblewrap:
    "Install it: `apt-get install bubblewrap`; in a container it takes --security-opt seccomp=unconfined.",
  seccomp: "Install bubblewrap (`apt-get install bubblewrap`), which sets the filter, on x64.",
};

function layerPairs({
  name,
  active,
  detail,
}: HealthReport["sandbox"]["layers"][number]): (readonly [string, Words])[] {
  const { [name]: remedy } = REMEDIES;
  const line = [name, [active ? good("yes") : doubtful("no "), `  ${detail}`]] as const;
  return active || remedy === undefined ? [line] : [line, ["", remedy]];
}

function sandboxState({ problem, ready_ms, python_ready_ms }: HealthReport["sandbox"]): Words {
  if (problem !== null) return bad(`DOES NOT WORK: ${problem}`);
  return [
    good("works"),
    `, a cold child is ready in ${ready_ms} ms, a Python one in ${python_ready_ms} ms`,
  ];
}

function keyStoreText(store: string): string {
  if (store === "environment") return "from STACK_MASTER_KEY";
  return store === "keychain"
    ? "in the system's keychain"
    : "in a file of the data folder (mode 0600)";
}

function providerText(state: string, apiKeyEnv: string): Words {
  if (state === "key") return good(`key from ${apiKeyEnv}`);
  if (state === "stand-in") return "no key; the labelled stand-in answers (STACK_LLM_FALLBACK)";
  return doubtful(`no key: set ${apiKeyEnv}, or STACK_LLM_FALLBACK=stand-in`);
}
