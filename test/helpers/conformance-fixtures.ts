import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  completable,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  ProtocolError,
  ResourceTemplate,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Extensible, Extension } from "../../src/faces/mcp/mcp-server.ts";
import { TaskFixtures } from "./conformance-tasks.ts";

/** What the conformance suite expects to find on a server, by the names that are written into it. */

type Input = Record<string, unknown>;
type Result = CallToolResult | InputRequiredResult;
type Run = (input: Input, context: ServerContext, own: Extensible) => Result | Promise<Result>;

interface ToolFixture {
  readonly inputSchema?: object;
  readonly run: Run;
}

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const taskFixtures = new TaskFixtures();

export const conformanceFixtures: Extension = (own) => {
  const { mcp } = own;
  mcp.server.registerCapabilities({
    logging: {},
    resources: { subscribe: true, listChanged: true },
  });
  registerResources(mcp);
  registerPrompts(mcp);
  const fixtures: Record<string, ToolFixture> = {
    ...CONTENT,
    ...TALK,
    ...ROUNDS,
    ...taskFixtures.tools(mcp),
  };
  const tools = Object.entries(fixtures).map(([name, { inputSchema }]) =>
    toolOf(name, inputSchema),
  );
  return {
    tools: {
      list: () => [...own.tools.list(), ...tools],
      async call(name, input, context) {
        const { [name]: fixture } = fixtures;
        if (!fixture) return own.tools.call(name, input, context);
        try {
          return await fixture.run((input ?? {}) as Input, context, own);
        } catch (error) {
          if (error instanceof ProtocolError) throw error;
          return { isError: true, content: [{ type: "text", text: (error as Error).message }] };
        }
      },
    },
    tasks: {
      get: async (id) => taskFixtures.get(id) ?? own.tasks.get(id),
      update: async (id, answers) =>
        taskFixtures.update(id, answers) || own.tasks.update(id, answers),
      cancel: async (id) => taskFixtures.cancel(id) || own.tasks.cancel(id),
    },
  };
};

function toolOf(name: string, inputSchema: object = { type: "object" }): Tool {
  return { name, description: `For the conformance suite: ${name}`, inputSchema } as Tool;
}

function text(said: string): CallToolResult {
  return { content: [{ type: "text", text: said }] };
}

const takes = (properties: object) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

const CONTENT: Record<string, ToolFixture> = {
  test_simple_text: { run: () => text("This is a simple text response for testing.") },
  test_image_content: {
    run: () => ({ content: [{ type: "image", data: PNG, mimeType: "image/png" }] }),
  },
  test_audio_content: {
    run: () => ({ content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] }),
  },
  test_embedded_resource: {
    run: () => ({
      content: [
        {
          type: "resource",
          resource: {
            uri: "test://embedded-resource",
            mimeType: "text/plain",
            text: "This is an embedded resource content.",
          },
        },
      ],
    }),
  },
  test_multiple_content_types: {
    run: () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        { type: "image", data: PNG, mimeType: "image/png" },
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: '{"test":"data","value":123}',
          },
        },
      ],
    }),
  },
  test_error_handling: {
    run: () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  },
  json_schema_2020_12_tool: {
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      ...JSON.parse(
        '{"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]}}',
      ),
      additionalProperties: false,
    },
    run: (input) => text(JSON.stringify(input)),
  },
};

const OPTIONS = ["option1", "option2", "option3"];
const TITLED = ["First", "Second", "Third"].map((title, index) => ({
  const: `value${index + 1}`,
  title: `${title} Option`,
}));

/** A question goes to the client on the stream of the call: the other one may not be open yet. */
const onItsStream = ({ mcpReq }: ServerContext) => ({ relatedRequestId: mcpReq.id });

async function elicited(
  context: ServerContext,
  message: string,
  properties: object,
  required: string[] = [],
): Promise<CallToolResult> {
  const requestedSchema = { type: "object", properties, required } as never;
  const { action, content } = await context.mcpReq.elicitInput(
    { message, requestedSchema },
    onItsStream(context),
  );
  return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

/** Tools that talk with the client while they run. */
const TALK: Record<string, ToolFixture> = {
  test_tool_with_logging: {
    async run(_input, { mcpReq }) {
      for (const data of [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
      ]) {
        await mcpReq.notify({ method: "notifications/message", params: { level: "info", data } });
      }
      return text("logged");
    },
  },
  test_tool_with_progress: {
    async run(_input, { mcpReq }) {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken === undefined) break;
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      }
      return text("done");
    },
  },
  test_sampling: {
    inputSchema: takes({ prompt: { type: "string" } }),
    async run({ prompt }, { mcpReq }) {
      const messages = [
        { role: "user" as const, content: { type: "text" as const, text: String(prompt) } },
      ];
      const { content } = await mcpReq.requestSampling(
        { messages, maxTokens: 100 },
        { relatedRequestId: mcpReq.id },
      );
      return text(`LLM response: ${(content as { text?: string }).text ?? ""}`);
    },
  },
  test_elicitation: {
    inputSchema: takes({ message: { type: "string" } }),
    run: ({ message }, context) =>
      elicited(
        context,
        String(message),
        {
          username: { type: "string", description: "User's response" },
          email: { type: "string", description: "User's email address" },
        },
        ["username", "email"],
      ),
  },
  test_elicitation_sep1034_defaults: {
    run: (_input, context) =>
      elicited(context, "defaults", {
        name: { type: "string", default: "John Doe" },
        age: { type: "integer", default: 30 },
        score: { type: "number", default: 95.5 },
        status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
        verified: { type: "boolean", default: true },
      }),
  },
  test_elicitation_sep1330_enums: {
    run: (_input, context) =>
      elicited(context, "enums", {
        untitledSingle: { type: "string", enum: OPTIONS },
        titledSingle: { type: "string", oneOf: TITLED },
        legacyEnum: {
          type: "string",
          enum: ["opt1", "opt2", "opt3"],
          enumNames: ["Option One", "Option Two", "Option Three"],
        },
        untitledMulti: {
          type: "array",
          minItems: 1,
          maxItems: 3,
          items: { type: "string", enum: OPTIONS },
        },
        titledMulti: { type: "array", minItems: 1, maxItems: 3, items: { anyOf: TITLED } },
      }),
  },
  test_missing_capability: {
    run: (_input, { mcpReq }) =>
      inputResponse(mcpReq.inputResponses, "q").kind === "missing"
        ? inputRequired({ inputRequests: { q: sample("ping", 8) } })
        : text("ok"),
  },
  test_streaming_elicitation: { run: () => text("no requests on this stream") },
  test_logging_tool: {
    async run(_input, { mcpReq }) {
      await mcpReq.log("info", "only with logLevel");
      return text("ok");
    },
  },
  test_trigger_tool_change: {
    run(_input, _context, { notifiers }) {
      for (const notifier of notifiers()) notifier.toolsChanged();
      return text("ok");
    },
  },
  test_trigger_prompt_change: {
    run(_input, _context, { notifiers }) {
      for (const notifier of notifiers()) notifier.promptsChanged();
      return text("ok");
    },
  },
};

function ask(message: string, property: string, type: "string" | "boolean" = "string") {
  const requestedSchema = {
    type: "object",
    properties: { [property]: { type } },
    required: [property],
  } as never;
  return inputRequired.elicit({ message, requestedSchema });
}

function sample(said: string, maxTokens: number) {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: said } }],
    maxTokens,
  });
}

/** Text that differs each time, so that states do. */
const nonce = () => crypto.randomUUID();

/** Tools that come back with questions. */
const ROUNDS: Record<string, ToolFixture> = {
  test_input_required_result_elicitation: {
    run(_input, { mcpReq }) {
      const answer = acceptedContent(
        mcpReq.inputResponses,
        "user_name",
        z.object({ name: z.string() }),
      );
      return answer
        ? text(`Hello, ${answer.name}!`)
        : inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
    },
  },
  test_input_required_result_sampling: {
    run(_input, { mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "capital_question");
      if (answer.kind === "sampling") return text(JSON.stringify(answer.result.content));
      return inputRequired({
        inputRequests: { capital_question: sample("What is the capital of France?", 100) },
      });
    },
  },
  test_input_required_result_list_roots: {
    run(_input, { mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "client_roots");
      if (answer.kind === "roots") return text(answer.roots.map(({ uri }) => uri).join(","));
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  test_input_required_result_request_state: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const answer = acceptedContent<{ ok: boolean }>(mcpReq.inputResponses, "confirm");
      if (answer && mcpReq.requestState<Input>()?.tool === "rs") return text("state-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Please confirm", "ok", "boolean") },
        requestState: await codec.mint({ tool: "rs", n: nonce() }, context),
      });
    },
  },
  test_input_required_result_multiple_inputs: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, "user_name");
      const greeting = inputResponse(mcpReq.inputResponses, "greeting");
      const roots = inputResponse(mcpReq.inputResponses, "client_roots");
      if (name && greeting.kind === "sampling" && roots.kind === "roots")
        return text(`Hello ${name.name}`);
      return inputRequired({
        inputRequests: {
          user_name: ask("What is your name?", "name"),
          greeting: sample("Generate a greeting", 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await codec.mint({ tool: "multi" }, context),
      });
    },
  },
  test_input_required_result_multi_round: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const state = mcpReq.requestState<{ round?: number; name?: string }>();
      if (!state?.round) {
        return inputRequired({
          inputRequests: { step1: ask("Step 1: name?", "name") },
          requestState: await codec.mint({ round: 1, n: nonce() }, context),
        });
      }
      if (state.round === 1) {
        const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, "step1")?.name;
        const requestState = await codec.mint({ round: 2, name, n: nonce() }, context);
        return inputRequired({
          inputRequests: { step2: ask("Step 2: favourite color?", "color") },
          requestState,
        });
      }
      const color = acceptedContent<{ color: string }>(mcpReq.inputResponses, "step2")?.color;
      return text(`${state.name} likes ${color}`);
    },
  },
  test_input_required_result_tampered_state: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const answer = acceptedContent(mcpReq.inputResponses, "confirm");
      if (mcpReq.requestState() !== undefined && answer) return text("integrity-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Please confirm", "ok", "boolean") },
        requestState: await codec.mint({ tool: "t", n: nonce() }, context),
      });
    },
  },
  test_input_required_result_capabilities: {
    run(_input, { mcpReq }) {
      if (mcpReq.inputResponses !== undefined) return text("fulfilled");
      const envelope = mcpReq.envelope as Record<string, Record<string, unknown>> | undefined;
      const { elicitation, sampling, roots } = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
      const inputRequests = {
        ...(elicitation ? { user_name: ask("What is your name?", "name") } : {}),
        ...(sampling ? { greeting: sample("greet", 50) } : {}),
        ...(roots ? { client_roots: inputRequired.listRoots() } : {}),
      };
      return Object.keys(inputRequests).length > 0
        ? inputRequired({ inputRequests })
        : text("no capability");
    },
  },
};

function registerResources(mcp: McpServer): void {
  const plain = (uri: URL, said: string) => ({
    contents: [{ uri: uri.href, mimeType: "text/plain", text: said }],
  });
  mcp.registerResource(
    "static-text",
    "test://static-text",
    { mimeType: "text/plain" },
    async (uri) => plain(uri, "This is the content of the static text resource."),
  );
  mcp.registerResource(
    "static-binary",
    "test://static-binary",
    { mimeType: "image/png" },
    async (uri) => ({
      contents: [{ uri: uri.href, mimeType: "image/png", blob: PNG }],
    }),
  );
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  mcp.registerResource(
    "template",
    template,
    { mimeType: "application/json" },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  mcp.registerResource(
    "watched",
    "test://watched-resource",
    { mimeType: "text/plain" },
    async (uri) => plain(uri, "watched"),
  );
  mcp.server.setRequestHandler("resources/subscribe", async () => ({}));
  mcp.server.setRequestHandler("resources/unsubscribe", async () => ({}));
}

function registerPrompts(mcp: McpServer): void {
  const says = (said: string) => ({
    messages: [{ role: "user" as const, content: { type: "text" as const, text: said } }],
  });
  mcp.registerPrompt("test_simple_prompt", { description: "For the conformance suite" }, () =>
    says("This is a simple prompt for testing."),
  );
  const places = completable(z.string(), (typed) =>
    ["paris", "park", "party"].filter((place) => place.startsWith(typed)),
  );
  mcp.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "For the conformance suite",
      argsSchema: z.object({ arg1: places, arg2: z.string() }),
    },
    ({ arg1, arg2 }) => says(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
  );
  mcp.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "For the conformance suite", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: {
              uri: resourceUri,
              mimeType: "text/plain",
              text: "Embedded resource content for testing.",
            },
          },
        },
        {
          role: "user",
          content: { type: "text", text: "Please process the embedded resource above." },
        },
      ],
    }),
  );
  mcp.registerPrompt(
    "test_prompt_with_image",
    { description: "For the conformance suite" },
    () => ({
      messages: [
        { role: "user", content: { type: "image", data: PNG, mimeType: "image/png" } },
        { role: "user", content: { type: "text", text: "Please analyze the image above." } },
      ],
    }),
  );
  const asking = async ({ mcpReq }: ServerContext) => {
    const answer = acceptedContent<{ context: string }>(mcpReq.inputResponses, "user_context");
    return answer
      ? says(answer.context)
      : inputRequired({ inputRequests: { user_context: ask("What context?", "context") } });
  };
  mcp.registerPrompt(
    "test_input_required_result_prompt",
    { description: "For the conformance suite" },
    asking as never,
  );
}
