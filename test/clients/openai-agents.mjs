import {
  Agent,
  MCPServerStdio,
  run as runAgent,
  setDefaultOpenAIClient,
  setOpenAIAPI,
  setTracingDisabled,
} from "@openai/agents";
import OpenAI from "openai";
import { startStubModel } from "./stub-model.mjs";

export async function run({ program, strict }) {
  const stub = await startStubModel();
  setTracingDisabled(true);
  setOpenAIAPI("chat_completions");
  setDefaultOpenAIClient(new OpenAI({ apiKey: "stub", baseURL: stub.baseUrl }));
  const mcp = new MCPServerStdio({
    name: "stack",
    command: program.command,
    args: program.args,
    env: program.env,
  });
  await mcp.connect();
  const tools = await mcp.listTools();
  const agent = new Agent({
    name: "buyer",
    model: "stub",
    mcpServers: [mcp],
    mcpConfig: { convertSchemasToStrict: strict },
  });
  await runAgent(agent, "Buy.", { maxTurns: 40 });
  await mcp.close();
  stub.close();
  return { ...stub.report(), tools: tools.length };
}
