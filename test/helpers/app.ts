import { onTestFinished } from "vitest";
import { type App, type AppOverrides, createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Outcome } from "../../src/operations/engine.ts";
import { errorBody } from "../../src/operations/error-body.ts";
import type { Credential } from "../../src/services/operators/access-service.ts";
import { assert } from "../../src/shared/errors.ts";
import type { Logger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { makeHome, testEnv } from "./home.ts";

export interface TestApp {
  readonly app: App;
  readonly home: string;
  /** Everything the program logged. */
  readonly logged: string[];
  /** Makes an operator and gives back how to call as it. */
  enter(
    name: string,
    options?: { fundCents?: number; claimTypes?: string[]; plan?: "free" | "enterprise" },
  ): Promise<Operator>;
}

export interface Operator {
  readonly id: string;
  readonly apiKey: string;
  call(tool: string, input?: Record<string, unknown>): Promise<Outcome>;
  /** The value of a call that has to succeed. */
  ok<T = Record<string, never>>(tool: string, input?: Record<string, unknown>): Promise<T & Record<string, unknown>>;
  /** The error code of a call that has to be refused. */
  refused(tool: string, input?: Record<string, unknown>): Promise<{ code: string; message: string; details: unknown }>;
}

export interface TestAppOptions extends AppOverrides {
  readonly home?: string;
  readonly env?: Record<string, string>;
  /** Whether it takes queued work and sweeps. */
  readonly start?: boolean;
}

/** The whole program on a real database file, without a face. Closed when the test ends. */
export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const home = options.home ?? makeHome();
  const logged: string[] = [];
  const log = options.log ?? collectingLogger(logged);
  const app = await createApp(loadConfig(testEnv(home, options.env)), { ...options, log });
  if (options.start ?? true) app.start();
  onTestFinished(() => app.stop(0));
  return { app, home, logged, enter: (name, wish) => enter(app, name, wish) };
}

async function enter(app: App, name: string, wish: Parameters<TestApp["enter"]>[1] = {}): Promise<Operator> {
  const { fundCents = 1_000, claimTypes = [], plan = "free" } = wish;
  const created = await app.services.operators.create({ name, plan, fundCents, claimTypes });
  return operatorOn(app, created.operator_id, created.api_key);
}

export function operatorOn(app: App, id: string, apiKey: string): Operator {
  const credential: Credential = { kind: "key", key: new Secret(apiKey), source: "the test" };
  const call = (tool: string, input: Record<string, unknown> = {}) => callTool(app, credential, tool, input);
  return {
    id,
    apiKey,
    call,
    async ok<T>(tool: string, input?: Record<string, unknown>) {
      const outcome = await call(tool, input);
      assert(outcome.ok, `${tool}: ${outcome.ok ? "" : JSON.stringify(errorBody(outcome.error))}`);
      return outcome.value as T & Record<string, unknown>;
    },
    async refused(tool, input) {
      const outcome = await call(tool, input);
      assert(!outcome.ok, `${tool} was not refused`);
      const { code, message, details } = outcome.error;
      return { code, message, details };
    },
  };
}

export function callTool(app: App, credential: Credential, tool: string, input: unknown): Promise<Outcome> {
  const operation = OPERATIONS.find(({ name }) => name === tool);
  assert(operation, `there is a tool ${tool}`);
  return app.engine.run({ operation, input, credential, signal: new AbortController().signal });
}

function collectingLogger(lines: string[]): Logger {
  const write = (...said: unknown[]) => {
    lines.push(said.map((one) => (one instanceof Error ? one.stack : JSON.stringify(one, errorsInFull))).join(" "));
  };
  return { debug: write, info: write, warn: write, error: write } as unknown as Logger;
}

function errorsInFull(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
}
