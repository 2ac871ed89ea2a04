import type { App } from "../../src/app/create-app.ts";
import type { Operation } from "../../src/operations/define-operation.ts";
import { errorBody } from "../../src/operations/error-body.ts";
import type { Outcome } from "../../src/operations/outcome.ts";
import { profileOf } from "../../src/operations/profile.ts";
import type { Credential } from "../../src/services/auth/authentication-service.ts";
import { assert } from "../../src/shared/errors.ts";
import { Secret } from "../../src/shared/secret.ts";
import { OPERATIONS } from "../../tools/registry.ts";

export const WHOLE = profileOf(OPERATIONS, { tools: ["all"] });

export interface Operator {
  readonly id: string;
  readonly apiKey: string;
  readonly credential: Credential;
  call(tool: string, input?: Record<string, unknown>): Promise<Outcome>;
  /** The value of a call that has to succeed. */
  ok<T = Record<string, never>>(
    tool: string,
    input?: Record<string, unknown>,
  ): Promise<T & Record<string, unknown>>;
  /** The error code of a call that has to be refused. */
  refused(
    tool: string,
    input?: Record<string, unknown>,
  ): Promise<{ code: string; message: string; details: unknown }>;
}

export function operatorOn(app: App, id: string, apiKey: string): Operator {
  return {
    ...operatorAs(app, { kind: "bearer", token: new Secret(apiKey), source: "the test" }),
    id,
    apiKey,
  };
}

/** Calls as the principal of a credential. */
export function operatorAs(app: App, credential: Credential): Operator {
  const call = (tool: string, input: Record<string, unknown> = {}) =>
    callTool(app, credential, tool, input);
  return {
    id: "",
    apiKey: "",
    credential,
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

export function callTool(
  app: App,
  credential: Credential,
  tool: string,
  input: unknown,
): Promise<Outcome> {
  const operation = OPERATIONS.find(({ name }) => name === tool);
  assert(operation, `there is a tool ${tool}`);
  return app.engine.run({
    operation,
    input,
    credential,
    profile: WHOLE,
    signal: new AbortController().signal,
  });
}

/** The same for an operation that may not be in the registry. */
export function callOperation(
  app: App,
  credential: Credential,
  operation: Operation,
  input: unknown,
) {
  const profile = {
    listed: [operation],
    usable: [operation],
    allowed: [operation],
    isForAgent: false,
  };
  return app.engine.run({
    operation,
    input,
    credential,
    profile,
    signal: new AbortController().signal,
  });
}

/** The local caller, who is the host. */
export function adminOf(app: App): Operator {
  return operatorAs(app, { kind: "local" });
}
