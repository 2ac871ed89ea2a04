import {
  type CallToolResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { sample, type ToolFixture, takes, text } from "./conformance-parts.ts";

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
export const TALK: Record<string, ToolFixture> = {
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
