import { once } from "node:events";
import { OPERATIONS } from "../../tools/registry.ts";
import { type App, type AppOverrides, createApp } from "../app/create-app.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { LOOPBACK_HOSTS } from "../faces/http/guard/host-origin-guard.ts";
import { RateLimits } from "../faces/http/guard/rate-limits.ts";
import { serveHttp } from "../faces/http/serve-http.ts";
import { type McpHttpParts, McpOverHttp } from "../faces/mcp/http/mcp-http.ts";
import { errorHtml } from "../faces/web/message-page.ts";
import { webPages } from "../faces/web/web-pages.ts";
import { profileOf } from "../operations/profile.ts";
import { nameProgram } from "../shared/as-started.ts";
import { DomainError } from "../shared/errors.ts";
import { LIMITS } from "../shared/limits.ts";

/** After everything has ended, an answer that is being sent gets this long. */
const FAREWELL_MS = 2_000;

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /**
   * True: a new play folder gets example skills. Undefined: it does where only this machine
   * reaches the server.
   */
  readonly seed?: boolean | undefined;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

export interface RunningServer {
  readonly app: App;
  /** The address at which this machine reaches it. */
  readonly url: string;
  /** Under which others know it. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Serves until the process is told to stop. */
export async function runHttpServer(options: ServeOptions): Promise<number> {
  const running = await startHttpServer(loadConfig(process.env), options);
  const { app, url, origin } = running;
  const others = origin === url ? "" : `\n  for others     ${origin}`;
  options.print(
    `stack-mcp serves ${url} until it is told to stop (Ctrl-C)
  REST           ${url}/v1
  MCP            ${url}/mcp
  documentation  ${url}/docs${others}`,
  );
  const seeds = options.seed ?? isLoopback(options.host);
  if (seeds && (await app.services.seed.seedNew()))
    options.complain(
      "this data folder is new: its marketplace has example skills (`stack-mcp seed --remove` takes them off)",
    );
  const keys = await app.services.keys.list();
  if (!keys.some(({ status }) => status === "active")) {
    options.complain("nobody has an API key yet: `stack-mcp key create local` makes one");
  }
  // Whoever calls from elsewhere is not told where this machine keeps the program.
  nameProgram("stack-mcp");
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  await running.stop();
  return 0;
}

/** Throws MISCONFIGURED. */
export async function startHttpServer(
  config: Config,
  { host, port }: Pick<ServeOptions, "host" | "port">,
  { extend, ...overrides }: AppOverrides & { readonly extend?: McpHttpParts["extend"] } = {},
): Promise<RunningServer> {
  const hosts = hostsFor(host, config);
  // An unknown tool is told now, and not to the first client.
  profileOf(OPERATIONS, config.profile);
  const app = await createApp(config, overrides);
  try {
    if (config.sandboxRequire.length > 0) await app.sandbox.requireLayers();
    return await start(app, config, { host, port, hosts, extend });
  } catch (error) {
    await app.stop(0);
    throw error;
  }
}

interface Start {
  readonly host: string;
  readonly port: number;
  readonly hosts: readonly string[];
  readonly extend: McpHttpParts["extend"];
}

async function start(
  app: App,
  config: Config,
  { host, port, hosts, extend }: Start,
): Promise<RunningServer> {
  const { engine, services, store, log } = app;
  const stopping = new AbortController();
  const parting = new AbortController();
  const mcp = new McpOverHttp({
    engine: async () => engine,
    operations: OPERATIONS,
    onChange: async (listener) => store.changes.subscribe(listener),
    stateKey: async () => store.deriveKey("mcp-request-state"),
    profile: config.profile,
    isGood: (credential) => services.authentication.stillHolds(credential),
    parting: parting.signal,
    elicits: config.elicitation,
    log,
    extend,
  });
  let origin = config.http.publicUrl ?? "";
  const server = await serveHttp({
    engine,
    services,
    operations: OPERATIONS,
    profile: profileOf(OPERATIONS, { ...config.profile, tools: ["all"] }),
    mcp,
    pages: webPages({
      services,
      operations: OPERATIONS,
      origin: () => origin,
      isPlayMoney: store.instance.stamp === "play",
      log,
    }),
    errorHtml,
    gate: { hosts, corsOrigins: config.http.corsOrigins },
    limits: new RateLimits({ behindProxy: config.http.publicUrl !== undefined }),
    stopping: stopping.signal,
    parting: parting.signal,
    log,
    host,
    port,
  });
  const url = `http://${nameOf(host)}:${server.port}`;
  origin = config.http.publicUrl ?? url;
  const withdraw = await services.pages.announce(origin);
  app.start();
  // Nobody new is let in; what runs ends; whoever still waits is answered with how far it is; then
  // all is closed.
  const end = async () => {
    stopping.abort();
    server.refuse();
    await withdraw().catch((error: unknown) =>
      log.warn({ err: error }, "the pages are still announced for a minute"),
    );
    await app.drain(LIMITS.drainMs);
    parting.abort();
    await mcp.settle(FAREWELL_MS);
    await mcp.close();
    await server.end(FAREWELL_MS);
    await app.stop(0);
  };
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= end();
    return ending;
  };
  return { app, url, origin, stop };
}

/** Beyond this machine a server is reached by names that its operator has said. */
function hostsFor(host: string, { http }: Config): string[] {
  const named = [
    ...http.allowedHosts,
    ...(http.publicUrl === undefined ? [] : [new URL(http.publicUrl).hostname]),
  ];
  if (isLoopback(host) || named.length > 0) return [...LOOPBACK_HOSTS, ...named];
  throw new DomainError(
    "MISCONFIGURED",
    `--host ${host} opens the server to other machines: set the names by which they reach it, with STACK_ALLOWED_HOSTS=stack.example or STACK_PUBLIC_URL=https://stack.example.`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function nameOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
