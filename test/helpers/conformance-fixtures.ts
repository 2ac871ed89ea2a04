import { ProtocolError, type Tool } from "@modelcontextprotocol/server";
import type { Extension } from "../../src/faces/mcp/mcp-server.ts";
import { CONTENT } from "./conformance-content.ts";
import type { Input, ToolFixture } from "./conformance-parts.ts";
import { registerPrompts, registerResources } from "./conformance-resources.ts";
import { ROUNDS } from "./conformance-rounds.ts";
import { TALK } from "./conformance-talk.ts";
import { TaskFixtures } from "./conformance-tasks.ts";

const taskFixtures = new TaskFixtures();

/**
 * The things that the conformance suite expects on a server, by the names that are written into it.
 */
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
