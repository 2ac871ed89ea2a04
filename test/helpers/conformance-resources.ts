import {
  acceptedContent,
  completable,
  inputRequired,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { ask, PNG } from "./conformance-parts.ts";

export function registerResources(mcp: McpServer): void {
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

export function registerPrompts(mcp: McpServer): void {
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
