import { PLAN } from "./plan.mjs";

/** The loop without a model, through the SDK of the given name. */
export async function run({ program, sdk }) {
  const { Client } = await import(`${sdk}/client/index.js`);
  const { StdioClientTransport } = await import(`${sdk}/client/stdio.js`);
  const client = new Client({ name: sdk, version: "1.0.0" });
  await client.connect(new StdioClientTransport(program));
  const { tools } = await client.listTools();
  const answers = [];
  for (const { tool, input } of PLAN) {
    const { content } = await client.callTool({ name: tool, arguments: input(answers.join("\n")) });
    answers.push(content.map(({ text }) => text).join("\n"));
  }
  await client.close();
  return { answers, tools: tools.length };
}
