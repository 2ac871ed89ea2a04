import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../../shared/clock.ts";
import type { Screen } from "../terminal/screen.ts";
import { Actor, type Launch } from "./actor.ts";
import { playScenes, type Stage } from "./scenes.ts";
import { DemoScreen } from "./screen.ts";

const run = promisify(execFile);
const START_CENTS = 1_000;

/**
 * The main job in front of the reader: the real program twice, as two operators on one fresh data
 * folder.
 */
export async function runDemo(terminal: Screen): Promise<void> {
  const started = systemClock.elapsed();
  const home = await mkdtemp(join(tmpdir(), "stack-mcp-demo-"));
  const launch = launchOn(home);
  const actors: Actor[] = [];
  const removeFolder = () => rmSync(home, { recursive: true, force: true });
  process.once("exit", removeFolder);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  try {
    const screen = new DemoScreen(terminal);
    const model =
      "OPENAI_API_KEY" in launch.env
        ? "the real one, by OPENAI_API_KEY"
        : "the stand-in; set OPENAI_API_KEY for a real one";
    screen.title("stack-mcp demo: one skill is published, bought, run and settled", [
      "Two operators on one new data folder, each with a stack-mcp process",
      "of its own and a real MCP client in front of it. Money is play money.",
      `Model: ${model}.`,
    ]);
    for (const name of ["seller", "buyer"]) actors.push(await createActor(name, launch));
    const [seller, buyer] = actors as [Actor, Actor];
    const stage: Stage = { seller, buyer, screen, command: (args) => runJson(launch, args) };
    await playScenes(stage);
    const seconds = ((systemClock.elapsed() - started) / 1_000).toFixed(1);
    screen.closing(`Done in ${seconds} s. The data folder is removed.`, [
      ["serve", "your own marketplace, with pages and REST"],
      ["skill init my-skill", "a skill to sell in it"],
      ["--help", "everything else"],
    ]);
  } finally {
    await Promise.all(actors.map((actor) => actor.close()));
    removeFolder();
  }
}

async function createActor(name: string, launch: Launch): Promise<Actor> {
  const created = await runJson(launch, [
    "operator",
    "create",
    name,
    "--fund",
    String(START_CENTS),
  ]);
  return Actor.connect(name, String(created.api_key), launch);
}

async function runJson(launch: Launch, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(launch.command, [...launch.args, ...args, "--json"], {
    env: launch.env,
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/**
 * This very program again. The folder is thrown away, so its key stays out of the system's
 * keychain.
 */
function launchOn(home: string): Launch {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, PATH: path = "" } = process.env;
  const env: Record<string, string> = {
    PATH: path,
    STACK_HOME: home,
    STACK_MASTER_KEY: randomBytes(32).toString("hex"),
  };
  if (key) env.OPENAI_API_KEY = key;
  else env.STACK_LLM_FALLBACK = "stand-in";
  if (key && baseUrl) env.OPENAI_BASE_URL = baseUrl;
  return { command: process.execPath, args: [process.argv[1] ?? ""], env };
}
