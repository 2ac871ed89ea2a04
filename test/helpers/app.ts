import { onTestFinished } from "vitest";
import { type App, type AppOverrides, createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Plan } from "../../src/domain/money/money.ts";
import type { Logger } from "../../src/shared/logger.ts";
import { requireContract } from "./contract.ts";
import { makeHome, testEnv } from "./home.ts";
import { type Operator, operatorOn } from "./operator.ts";
import { rehearse } from "./rehearse.ts";

export interface TestApp {
  readonly app: App;
  readonly home: string;
  /** Everything the program logged. */
  readonly logged: string[];
  /** Makes an operator and gives back how to call as it. */
  createOperator(name: string, options?: OperatorOptions): Promise<Operator>;
}

/** The settings of a new operator; 1,000 cents unless they say otherwise. */
export interface OperatorOptions {
  readonly fundCents?: number;
  readonly claimTypes?: string[];
  readonly plan?: Plan;
}

export interface TestAppOptions extends AppOverrides {
  readonly home?: string;
  readonly env?: Record<string, string>;
  /** True: it runs queued work and chores. */
  readonly start?: boolean;
}

/** The whole program on a real database file, without a face. Closed when the test ends. */
export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const home = options.home ?? makeHome();
  const logged: string[] = [];
  const log = options.log ?? collectingLogger(logged);
  const app = await createApp(loadConfig(testEnv(home, options.env)), {
    inspect: requireContract,
    ...options,
    log,
  });
  rehearse(app.store);
  if (options.start ?? true) app.start();
  onTestFinished(() => app.stop(0));
  const createOperator = async (name: string, options?: OperatorOptions) => {
    const { operator_id, api_key } = await newOperator(app, name, options);
    return operatorOn(app, operator_id, api_key);
  };
  return { app, home, logged, createOperator };
}

/** Makes an operator as the host does: its id and its key. */
export function newOperator(
  { services }: App,
  name: string,
  { fundCents = 1_000, claimTypes = [], plan = "free" }: OperatorOptions = {},
) {
  return services.operators.create({ name, plan, fundCents, claimTypes });
}

export function collectingLogger(lines: string[]): Logger {
  const write = (...said: unknown[]) => {
    lines.push(
      said
        .map((one) => (one instanceof Error ? one.stack : JSON.stringify(one, errorsInFull)))
        .join(" "),
    );
  };
  return { debug: write, info: write, warn: write, error: write } as unknown as Logger;
}

function errorsInFull(_key: string, value: unknown): unknown {
  return value instanceof Error
    ? { name: value.name, message: value.message, stack: value.stack }
    : value;
}
