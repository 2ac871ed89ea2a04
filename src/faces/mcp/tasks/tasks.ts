import {
  type CallToolResult,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { LongRunning } from "../../../operations/define-operation.ts";
import type { Outcome } from "../../../operations/outcome.ts";
import { ERRORS } from "../../../shared/error-codes.ts";

import { clientCapabilities } from "../client-capabilities.ts";
import type { Session } from "../session.ts";
import { type ToolAnswer, toolResult } from "../tools/tool-result.ts";

/**
 * The extension that returns long work as a task. An invocation is its own task, with the same id.
 */
export const TASKS = "io.modelcontextprotocol/tasks";

export interface TaskView {
  readonly taskId: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly inputRequests?: unknown;
}

/** The origin of tasks. Undefined: there is no such task for this caller. */
export interface TaskSource {
  get(taskId: string): Promise<TaskView | undefined>;
  update(taskId: string, answers: unknown): Promise<boolean>;
  cancel(taskId: string): Promise<boolean>;
}

const TTL_MS = 86_400_000;
const POLL_MS = 1_000;
/**
 * Work that is done by then is a result: a task goes to the background, and its caller hears of it
 * a turn later.
 */
const TASK_AFTER_MS = 1_500;

/** Long work goes to a caller that declares the extension as a task, unless it is over soon. */
export async function taskOf(
  mcp: McpServer,
  context: ServerContext,
  { waitField, waitsForPerson }: LongRunning,
  { input, run }: { readonly input: unknown; readonly run: (input: unknown) => Promise<Outcome> },
): Promise<ToolAnswer> {
  if (!declaresTasks(mcp, context)) return toolResult(await run(input));
  const outcome = await run(
    typeof input === "object" && input !== null ? { [waitField]: TASK_AFTER_MS, ...input } : input,
  );
  if (!outcome.ok || isOver(outcome.value) || waitsForPerson(outcome.value))
    return toolResult(outcome);
  return { resultType: "task", ...viewOf(outcome.value) } as unknown as ToolAnswer;
}

/** The tasks of every operation that is long-running. */
export function tasksOf(session: Session): TaskSource {
  // Looked for when a task is asked for: over HTTP every request has a session of its own.
  const kinds = () =>
    session.operations.flatMap(({ longRunning }) => (longRunning ? [longRunning] : []));
  const get = async (taskId: string) => {
    for (const { check, idField } of kinds()) {
      const outcome = await session.read(check, { [idField]: taskId });
      if (outcome.ok) return viewOf(outcome.value);
    }
    return undefined;
  };
  return {
    get,
    // Nothing is asked of the caller while it runs.
    update: async (taskId) => (await get(taskId)) !== undefined,
    async cancel(taskId) {
      for (const { cancel, idField } of kinds()) {
        const outcome = await session.read(cancel, { [idField]: taskId });
        if (outcome.ok) return true;
        const { status } = ERRORS[outcome.error.code];
        // A task that can no longer be cancelled is there all the same: the request was heard.
        if (status === 409) return true;
        if (status === 404) continue;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, outcome.error.message);
      }
      return false;
    },
  };
}

const task = z.looseObject({ taskId: z.string().max(128) });

export function answerTasks(mcp: McpServer, tasks: TaskSource): void {
  const handle = (
    method: string,
    work: (params: z.output<typeof task>, context: ServerContext) => Promise<object>,
  ) =>
    mcp.server.setRequestHandler(method, { params: task }, async (params, context) => {
      requireTasks(mcp, context);
      return { ...(await work(params, context)) };
    });
  handle("tasks/get", async ({ taskId }) => found(await tasks.get(taskId)));
  handle("tasks/update", async ({ taskId, inputResponses }, context) => {
    found(await tasks.update(taskId, context.mcpReq.inputResponses ?? inputResponses));
    return {};
  });
  handle("tasks/cancel", async ({ taskId }) => {
    found(await tasks.cancel(taskId));
    return {};
  });
}

function found<T>(value: T): NonNullable<T> {
  if (value) return value;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    "Unknown task: the task does not exist, or is not yours.",
  );
}

export function declaresTasks(mcp: McpServer, context: ServerContext): boolean {
  return clientCapabilities(mcp, context).extensions?.[TASKS] !== undefined;
}

export function requireTasks(mcp: McpServer, context: ServerContext): void {
  if (declaresTasks(mcp, context)) return;
  throw new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS]: {} } },
  });
}

function isOver({ status }: Record<string, unknown>): boolean {
  return status !== "pending" && status !== "processing";
}

/** A run that failed is a result and says so itself; only a cancelled one has none. */
function viewOf(invocation: Record<string, unknown>): TaskView {
  const { id, status, created_at, started_at, completed_at } = invocation as Record<string, string>;
  const over = isOver(invocation);
  const ended = status === "cancelled" ? "cancelled" : "completed";
  const result: CallToolResult = toolResult({ ok: true, value: invocation });
  return {
    taskId: String(id),
    status: over ? ended : "working",
    createdAt: String(created_at),
    lastUpdatedAt: String(completed_at ?? started_at ?? created_at),
    ttlMs: TTL_MS,
    pollIntervalMs: POLL_MS,
    result: over && status !== "cancelled" ? { resultType: "complete", ...result } : undefined,
  };
}
