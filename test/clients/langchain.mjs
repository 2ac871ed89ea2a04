import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { startStubModel } from "./stub-model.mjs";

export async function run({ program }) {
  const stub = await startStubModel();
  const mcp = new MultiServerMCPClient({
    mcpServers: { stack: { transport: "stdio", ...program } },
  });
  const tools = await mcp.getTools();
  const model = new ChatOpenAI({
    model: "stub",
    apiKey: "stub",
    configuration: { baseURL: stub.baseUrl },
  });
  const agent = createAgent({ model, tools });
  await agent.invoke({ messages: [{ role: "user", content: "Buy." }] }, { recursionLimit: 100 });
  await mcp.close();
  stub.close();
  return { ...stub.report(), tools: tools.length };
}
