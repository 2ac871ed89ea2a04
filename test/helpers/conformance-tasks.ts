import { setTimeout as delay } from "node:timers/promises";
import {
  acceptedContent,
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { declaresTasks, requireTasks, type TaskView } from "../../src/faces/mcp/tasks/tasks.ts";
import { type Input, text } from "./conformance-parts.ts";

type Result = CallToolResult | InputRequiredResult;

interface TaskFixture {
  view: TaskView;
  readonly abort: AbortController;
  /** Those that wait for an answer, by the name of the question. */
  readonly waiting: Map<string, (answer: unknown) => void>;
}

interface Running {
  readonly signal: AbortSignal;
  ask(questions: Record<string, object>): Promise<Record<string, unknown>>;
}

/** Tasks that the conformance suite asks for: they wait, fail, and ask back. */
export class TaskFixtures {
  readonly #tasks = new Map<string, TaskFixture>();

  get(id: string): TaskView | undefined {
    return this.#tasks.get(id)?.view;
  }

  update(id: string, answers: unknown): boolean {
    const task = this.#tasks.get(id);
    for (const [name, answer] of Object.entries(Object(answers) as object))
      task?.waiting.get(name)?.(answer);
    return task !== undefined;
  }

  cancel(id: string): boolean {
    const task = this.#tasks.get(id);
    task?.abort.abort();
    return task !== undefined;
  }

  tools(mcp: McpServer): Record<
    string,
    {
      inputSchema?: object;
      run: (input: Input, context: ServerContext) => Result | Promise<Result>;
    }
  > {
    const task = (work: (running: Running) => Promise<CallToolResult>) =>
      this.#create(work) as unknown as Result;
    const only = (work: (input: Input) => (running: Running) => Promise<CallToolResult>) => ({
      run: (input: Input, context: ServerContext) => {
        requireTasks(mcp, context);
        return task(work(input));
      },
    });
    return {
      greet: { run: ({ name }) => text(`Hello, ${name}!`) },
      slow_compute: {
        run: ({ seconds, label }, context) => {
          if (!declaresTasks(mcp, context) || seconds === 0) return text(`computed ${label}`);
          return task(async ({ signal }) => {
            await delay(Number(seconds) * 1_000, undefined, { signal });
            return text(`computed ${label}`);
          });
        },
      },
      failing_job: only(() => async ({ signal }) => {
        await delay(500, undefined, { signal });
        return { ...text("job failed"), isError: true };
      }),
      protocol_error_job: only(() => async ({ signal }) => {
        await delay(300, undefined, { signal });
        throw new ProtocolError(ProtocolErrorCode.InternalError, "boom");
      }),
      confirm_delete: only(({ filename }) => async ({ ask }) => {
        const { confirm } = await ask({
          confirm: question(`Delete ${filename}?`, "confirm", "boolean"),
        });
        return text(`deleted ${filename}: ${JSON.stringify(confirm)}`);
      }),
      multi_input: only(
        () =>
          async ({ ask }) =>
            text(
              JSON.stringify(
                await ask({
                  first: question("First?", "value"),
                  second: question("Second?", "value"),
                }),
              ),
            ),
      ),
      test_tool_with_task: {
        run: (_input, context) => {
          const answer = acceptedContent<{ name: string }>(
            context.mcpReq.inputResponses,
            "user_name",
          );
          if (!answer) {
            const requestedSchema = {
              type: "object",
              properties: { name: { type: "string" } },
              required: ["name"],
            } as never;
            return inputRequired({
              inputRequests: {
                user_name: inputRequired.elicit({ message: "Name?", requestedSchema }),
              },
            });
          }
          requireTasks(mcp, context);
          return task(async () => text(`Hello, ${answer.name}`));
        },
      },
    };
  }

  #create(work: (running: Running) => Promise<CallToolResult>): TaskView & { resultType: "task" } {
    const now = new Date().toISOString();
    const base = {
      taskId: crypto.randomUUID(),
      createdAt: now,
      ttlMs: 3_600_000,
      pollIntervalMs: 250,
    };
    const view: TaskView = { ...base, status: "working", lastUpdatedAt: now };
    const task: TaskFixture = { view, abort: new AbortController(), waiting: new Map() };
    this.#tasks.set(base.taskId, task);
    const become = (change: Omit<TaskView, keyof typeof base | "lastUpdatedAt">) => {
      if (["completed", "failed", "cancelled"].includes(task.view.status)) return;
      task.view = { ...base, lastUpdatedAt: new Date().toISOString(), ...change };
    };
    task.abort.signal.addEventListener("abort", () => become({ status: "cancelled" }));
    const ask = (questions: Record<string, object>) => this.#ask(task, questions, become);
    work({ signal: task.abort.signal, ask }).then(
      (result) => become({ status: "completed", result: { resultType: "complete", ...result } }),
      (error: Error) =>
        become({
          status: "failed",
          error: {
            code: error instanceof ProtocolError ? error.code : -32_603,
            message: error.message,
          },
        }),
    );
    return { resultType: "task", ...view };
  }

  async #ask(
    task: TaskFixture,
    questions: Record<string, object>,
    become: (change: { status: "working" | "input_required"; inputRequests?: unknown }) => void,
  ): Promise<Record<string, unknown>> {
    const open = { ...questions };
    const answers = Object.keys(questions).map(async (name) => {
      const answer = await new Promise<unknown>((resolve) => task.waiting.set(name, resolve));
      delete open[name];
      become(
        Object.keys(open).length > 0
          ? { status: "input_required", inputRequests: { ...open } }
          : { status: "working" },
      );
      return [name, answer] as const;
    });
    become({ status: "input_required", inputRequests: open });
    return Object.fromEntries(await Promise.all(answers));
  }
}

function question(message: string, property: string, type = "string"): object {
  const requestedSchema = {
    type: "object",
    properties: { [property]: { type } },
    required: [property],
  };
  return { method: "elicitation/create", params: { mode: "form", message, requestedSchema } };
}
