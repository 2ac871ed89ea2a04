import { onTestFinished } from "vitest";
import { type RunningServer, startHttpServer } from "../../src/bin/serve.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Scope } from "../../src/domain/identity/caller.ts";
import type { Extension } from "../../src/faces/mcp/mcp-server.ts";
import type { Operation } from "../../src/operations/define-operation.ts";
import type { Clock } from "../../src/shared/clock.ts";
import { OPERATIONS } from "../../tools/registry.ts";
import { collectingLogger, newOperator, type OperatorOptions } from "./app.ts";
import { requireContract } from "./contract.ts";
import { makeHome, testEnv } from "./home.ts";
import { rehearse } from "./rehearse.ts";

export interface TestServer extends RunningServer {
  readonly home: string;
  /** Everything the program logged. */
  readonly logged: string[];
  /** Of the operator that every database has. */
  readonly localKey: string;
  /** Makes an operator and gives back its key. */
  createOperator(name: string, options?: OperatorOptions): Promise<string>;
  keyFor(operator: string, scopes?: readonly Scope[]): Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** The HTTP server of the program on a free port, with a fresh data folder. */
export async function startTestServer(
  options: {
    readonly extend?: Extension;
    readonly env?: Record<string, string>;
    readonly home?: string;
    readonly port?: number;
    readonly clock?: Clock | undefined;
  } = {},
): Promise<TestServer> {
  const home = options.home ?? makeHome();
  const config = loadConfig(testEnv(home, options.env));
  const logged: string[] = [];
  const running = await startHttpServer(
    config,
    { host: "127.0.0.1", port: options.port ?? 0 },
    {
      extend: options.extend,
      clock: options.clock,
      log: collectingLogger(logged),
      inspect: requireContract,
    },
  );
  onTestFinished(() => running.stop());
  rehearse(running.app.store);
  const { services } = running.app;
  const keyFor = async (operator: string, scopes?: readonly Scope[]) =>
    (await services.keys.create({ operator, name: "test", scopes })).api_key;
  const createOperator = async (name: string, options?: OperatorOptions) =>
    (await newOperator(running.app, name, options)).api_key;
  return {
    ...running,
    home,
    logged,
    localKey: await keyFor("local"),
    keyFor,
    createOperator,
  };
}

/** One request as a client without a library sends it. */
export async function send(
  { url }: { readonly url: string },
  line: string,
  options: {
    readonly key?: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const [method = "GET", path = "/"] = line.split(" ");
  const { key, body } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : {},
    text,
  };
}

/** An operation over REST, its input laid out as its route wants it. */
export async function sendOperation(
  server: { readonly url: string },
  key: string,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<Answer> {
  if (operation.rest === false) throw new TypeError(`${operation.name} has no route`);
  const { method } = operation.rest;
  const rest = { ...input };
  const path = operation.rest.path.replace(/:(\w+)/g, (_, name: string) => {
    const { [name]: value } = rest;
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (method === "POST" || method === "PATCH")
    return send(server, `${method} ${path}`, { key, body: rest });
  const query = Object.entries(rest).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one) => `${name}=${encodeURIComponent(String(one))}`,
    ),
  );
  return send(server, `${method} ${path}${query.length > 0 ? "?" : ""}${query.join("&")}`, { key });
}

export function operationNamed(name: string): Operation {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new TypeError(`there is no ${name}`);
  return operation;
}
