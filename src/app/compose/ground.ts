import type { Founding } from "../../../storage/repository-table.ts";
import prices from "../../../storage/seed/prices.json" with { type: "json" };
import { openStore } from "../../../storage/sqlite/open-store.ts";
import type { Store } from "../../../storage/store.ts";
import type { Config } from "../../config/config.ts";
import type { Plan } from "../../domain/money/money.ts";
import type { PlanLimits } from "../../domain/money/plans.ts";
import type { PriceList } from "../../domain/runs/metering.ts";
import { Egress } from "../../egress/egress.ts";
import { LlmProviders } from "../../llm/llm-providers.ts";
import { type Processors, processorsFor } from "../../payments/processors.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { SchemaChecker } from "../../schemas/schema-checker.ts";
import { foundLocalOperator } from "../../services/operators/operator-service.ts";
import { ServerDirectory } from "../../services/pages/server-directory.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";

/** The parts that every area stands on. */
export interface Ground {
  readonly config: Config;
  readonly store: Store;
  readonly llm: LlmProviders;
  readonly sandbox: Sandbox;
  readonly schemas: SchemaChecker;
  /** The network, as connections and runs reach it. */
  readonly network: Egress;
  readonly processors: Processors;
  readonly pages: ServerDirectory;
  readonly prices: PriceList;
  readonly limitsOf: PlanLimits;
  /** The name under which this server signs. */
  readonly issuer: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface GroundOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxPages: number | undefined;
}

const PLAY_MONEY =
  "This database holds play money, and config.json names payment processors. Live money needs a database of its own: use another STACK_HOME.";

/** Opens the store and what reaches beyond the process. Throws MISCONFIGURED. */
export async function composeGround(config: Config, options: GroundOptions): Promise<Ground> {
  const { clock, log, maxPages } = options;
  const { home, masterKey } = config;
  const stamp = config.payments ? "live" : "play";
  const found = (t: Founding) => foundLocalOperator(t, stamp);
  const store = await openStore({ home, masterKey, clock, maxPages, stamp, found });
  if (config.payments && store.instance.stamp === "play") {
    await store.close();
    throw new DomainError("MISCONFIGURED", PLAY_MONEY);
  }
  const standInAllowed = config.llmFallback === "stand-in" && store.instance.stamp === "play";
  return {
    config,
    store,
    llm: new LlmProviders(config.providers, standInAllowed),
    sandbox: new Sandbox({ log, home, require: config.sandboxRequire }),
    schemas: new SchemaChecker(),
    network: new Egress({ allowLocal: config.egressAllowLocal, proxy: config.egressProxy }),
    processors: processorsFor(store.instance.stamp, config.payments),
    pages: new ServerDirectory({ store, clock, log }),
    prices,
    limitsOf: (plan: Plan) => prices.plans[plan],
    issuer: () => config.http.publicUrl ?? `urn:stack-mcp:${store.instance.id}`,
    clock,
    log,
  };
}
