import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs } from "ai";
import { startStubModel } from "./stub-model.mjs";

export async function run({ program }) {
  const stub = await startStubModel();
  const mcp = await createMCPClient({ transport: new StdioTransport(program) });
  const tools = await mcp.tools();
  const provider = createOpenAICompatible({ name: "stub", baseURL: stub.baseUrl, apiKey: "stub" });
  await generateText({ model: provider("stub"), tools, prompt: "Buy.", stopWhen: stepCountIs(40) });
  await mcp.close();
  stub.close();
  return { ...stub.report(), tools: Object.keys(tools).length };
}
