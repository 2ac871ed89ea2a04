import type { Store } from "../../storage/store.ts";
import type { Config } from "../config/config.ts";
import type { LlmProviders } from "../llm/llm-providers.ts";
import { Engine, type ResultInspector } from "../operations/engine.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { Scheduler } from "../services/host/scheduler.ts";
import type { Services } from "../services/services.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { createLogger, type Logger } from "../shared/logger.ts";
import { composeAuth } from "./compose/auth.ts";
import { composeControlPlane } from "./compose/control-plane.ts";
import { composeGround } from "./compose/ground.ts";
import { composeHost } from "./compose/host.ts";
import { composeMarket } from "./compose/market.ts";
import { composeMoney } from "./compose/money.ts";

/** The program, put together. */
export interface App {
  readonly engine: Engine;
  readonly services: Services;
  readonly store: Store;
  readonly llm: LlmProviders;
  readonly sandbox: Sandbox;
  readonly chores: Scheduler;
  readonly log: Logger;
  /** Begins to run queued work and to end what others left behind. */
  start(): void;
  /**
   * Takes no more work and lets what runs end for `graceMs`; the rest is voided. Everything else
   * still answers.
   */
  drain(graceMs: number): Promise<void>;
  /** Drains, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

export interface AppOverrides {
  readonly clock?: Clock | undefined;
  readonly log?: Logger;
  readonly maxPages?: number;
  readonly inspect?: ResultInspector;
}

/** The composition root: puts the areas together. Throws MISCONFIGURED. */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const { clock = systemClock, log = createLogger(config.logLevel), maxPages } = overrides;
  for (const warning of config.warnings) log.warn(warning);
  const ground = await composeGround(config, { clock, log, maxPages });
  const auth = composeAuth(ground);
  const market = composeMarket(ground);
  const money = composeMoney(ground, market);
  const controlPlane = composeControlPlane(ground, auth, market);
  const host = composeHost(ground, auth, market, controlPlane);
  const services: Services = {
    ...auth.services,
    ...market.services,
    ...money.services,
    ...controlPlane.services,
    ...host.services,
  };
  const areas = [market, money, controlPlane];
  const chores = new Scheduler({ chores: areas.flatMap((area) => area.chores), clock, log });
  const { store, llm, sandbox, schemas } = ground;
  const drain = async (graceMs: number) => {
    chores.stop();
    await host.desk.close();
    await market.worker.stop(graceMs);
  };
  return {
    engine: new Engine(services, log, overrides.inspect),
    services,
    store,
    llm,
    sandbox,
    chores,
    log,
    start() {
      market.worker.start();
      chores.start();
      host.desk.open();
    },
    drain,
    async stop(graceMs) {
      await drain(graceMs);
      await Promise.all([sandbox.close(), schemas.close()]);
      await store.close();
    },
  };
}
