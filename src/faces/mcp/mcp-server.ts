import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ServerContext,
  type ServerNotifier,
  type Tool,
} from "@modelcontextprotocol/server";
import type { Profile } from "../../operations/profile.ts";
import { cut } from "../../shared/text.ts";
import { PROGRAM } from "../../shared/version.ts";
import { instructionsFor } from "./prompts/instructions.ts";
import { registerPrompts } from "./prompts/prompts.ts";
import { registerResources } from "./resources/resources.ts";
import { serveSkills } from "./resources/skills.ts";
import type { Session } from "./session.ts";
import type { ResourceSubscriptions } from "./subscriptions/resource-subscriptions.ts";
import { answerTasks, TASKS, type TaskSource, taskOf, tasksOf } from "./tasks/tasks.ts";
import { handOver } from "./tools/hand-over.ts";
import { toolList } from "./tools/tool-list.ts";
import { type ToolAnswer, toolResult } from "./tools/tool-result.ts";

const NAME_CHARS = 64;
const HOUR_MS = 3_600_000;

/** The tools of one server: their list and their calls. */
export interface ToolFace {
  list(): Tool[];
  call(name: string, input: unknown, context: ServerContext): Promise<ToolAnswer>;
}

export interface McpServerParts {
  readonly session: Session;
  /**
   * Tells the client of changes to what it subscribed to; undefined where a stream of its own does
   * that.
   */
  readonly watchOn?: ((mcp: McpServer) => ResourceSubscriptions) | undefined;
  /** The revision that a client says it speaks, where none was negotiated. */
  readonly revision?: string | undefined;
  readonly extend?: Extension | undefined;
  readonly notifiers?: () => Iterable<ServerNotifier>;
}

/** Puts more on a server than the program has: tests do. */
export type Extension = (own: Extensible) => Pick<Extensible, "tools" | "tasks">;

export interface Extensible {
  readonly mcp: McpServer;
  readonly tools: ToolFace;
  readonly tasks: TaskSource;
  readonly requestState: Session["requestState"];
  /** Of the subscriptions that are open, of 2026 clients over HTTP. */
  readonly notifiers: () => Iterable<ServerNotifier>;
}

/**
 * A server over a session, for either protocol era. The two tool methods are our own handlers, so
 * that there is one validator and one shape of error.
 */
export function buildMcpServer({
  session,
  watchOn,
  revision,
  extend,
  notifiers = () => [],
}: McpServerParts): McpServer {
  // Lists show what their caller has the rights for.
  const kept = { ttlMs: HOUR_MS / 12, cacheScope: "private" } as const;
  const mcp = new McpServer(
    { name: PROGRAM.name, title: "stack-mcp", version: PROGRAM.version },
    {
      instructions: instructionsFor(session.profile),
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true },
        prompts: {},
        extensions: { [TASKS]: {} },
      },
      requestState: { verify: (state, context) => session.requestState.verify(state, context) },
      cacheHints: {
        "tools/list": kept,
        "prompts/list": kept,
        "resources/list": { ttlMs: 0, cacheScope: "private" },
        "resources/templates/list": kept,
      },
    },
  );
  registerResources(mcp, session);
  registerPrompts(mcp, session);
  serveSkills(mcp, session);
  if (watchOn) answerSubscriptions(mcp, watchOn(mcp));
  const { requestState } = session;
  const own = {
    mcp,
    tools: toolFace(mcp, session, revision),
    tasks: tasksOf(session),
    notifiers,
    requestState,
  };
  const { tools, tasks } = extend?.(own) ?? own;
  mcp.server.setRequestHandler("tools/list", () => ({ tools: tools.list() }));
  mcp.server.setRequestHandler("tools/call", ({ params }, context) =>
    tools.call(params.name, params.arguments, context),
  );
  answerTasks(mcp, tasks);
  return mcp;
}

/** From this revision on results have structured content, and tools an output schema. */
const STRUCTURED_SINCE = "2025-06-18";

function toolFace(mcp: McpServer, session: Session, revision: string | undefined): ToolFace {
  const { listed, unstructured, byName } = listingOf(session.profile);
  const isUnstructured = () =>
    (mcp.server.getNegotiatedProtocolVersion() ?? revision ?? STRUCTURED_SINCE) < STRUCTURED_SINCE;
  return {
    list: () => (isUnstructured() ? unstructured : listed),
    async call(name, input, context) {
      const answer = await answerTo(name, input, context);
      if (!isUnstructured() || !("structuredContent" in answer)) return answer;
      const { structuredContent: _twice, ...rest } = answer;
      return rest as ToolAnswer;
    },
  };

  async function answerTo(
    name: string,
    input: unknown,
    context: ServerContext,
  ): Promise<ToolAnswer> {
    const operation = byName.get(name);
    if (!operation) throw unknownTool(name);
    const following = { signal: context.mcpReq.signal, progress: progressOf(context) };
    const run = (given: unknown) => session.run(operation, given, following);
    const { longRunning, handOff } = operation;
    if (longRunning) return taskOf(mcp, context, longRunning, { input, run });
    if (handOff) return handOver({ mcp, context, session, handOff, input, run });
    return toolResult(await run(input));
  }
}

type Listing = {
  readonly listed: Tool[];
  readonly unstructured: Tool[];
  readonly byName: ReadonlyMap<string, Profile["listed"][number]>;
};
const LISTINGS = new WeakMap<Profile, Listing>();

/** Made once for all sessions of a profile: over HTTP every request has a session of its own. */
function listingOf(profile: Profile): Listing {
  const known = LISTINGS.get(profile);
  if (known) return known;
  const listed = toolList(profile.listed);
  const listing = {
    listed,
    unstructured: listed.map(({ outputSchema: _schema, ...tool }) => tool),
    // What is not listed runs by its name too: a host keeps a session from a tool by what it
    // allows.
    byName: new Map(
      profile.allowed.flatMap((operation) =>
        operation.mcp === false ? [] : [[operation.name, operation]],
      ),
    ),
  };
  LISTINGS.set(profile, listing);
  return listing;
}

/** A name that a caller made up is cut. */
function unknownTool(name: string): ProtocolError {
  const message = `Unknown tool: ${cut(name, NAME_CHARS)}. stack_find_tools finds one by words.`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

/**
 * The 2025 way to subscribe; the SDK routes what is announced, and answers the newer way itself.
 */
function answerSubscriptions(mcp: McpServer, watch: ResourceSubscriptions): void {
  mcp.server.setRequestHandler("resources/subscribe", async ({ params }) => {
    if (!(await watch.add(params.uri))) throw new ResourceNotFoundError(params.uri);
    return {};
  });
  mcp.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    watch.remove(params.uri);
    return {};
  });
}

/** Progress is told only to callers that asked for it. A caller that is gone is nobody's error. */
function progressOf({ mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (report: {
    readonly progress: number;
    readonly total?: number;
    readonly message: string;
  }) => {
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, ...report } })
      .catch(() => {});
  };
}
