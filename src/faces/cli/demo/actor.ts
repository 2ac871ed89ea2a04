import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { assert } from "../../../shared/errors.ts";
import { PROGRAM } from "../../../shared/version.ts";

export type Answer = Readonly<Record<string, unknown>>;

/** The command that starts a stack-mcp process, as an MCP client would start it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One operator with a stack-mcp process of its own and a real MCP client in front of it. */
export class Actor {
  readonly name: string;
  readonly #client: Client;

  private constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
  }

  static async connect(name: string, apiKey: string, launch: Launch): Promise<Actor> {
    const client = new Client(
      { name: `demo-${name}`, version: PROGRAM.version },
      { versionNegotiation: { mode: "auto" } },
    );
    const { command, args } = launch;
    const env = { ...launch.env, STACK_API_KEY: apiKey };
    await client.connect(
      new StdioClientTransport({ command, args: [...args], env, stderr: "inherit" }),
    );
    return new Actor(name, client);
  }

  /** The structured content of a tool's result, or the error it reported. */
  async call(tool: string, input: Record<string, unknown>): Promise<Answer> {
    const result = await this.#client.callTool({ name: tool, arguments: input });
    if (result.structuredContent) return result.structuredContent as Answer;
    const [first] = result.content;
    assert(first?.type === "text", "a failed call says why in text");
    // The first line is for people and models.
    return JSON.parse(first.text.slice(first.text.indexOf("\n") + 1)) as Answer;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
