import { spawn } from "node:child_process";
import { HELLO } from "./mcp-wire.ts";
import { programPath } from "./program.ts";

/** The real program with its pipes in hand; by default it serves a folder that stays empty. */
export function startStdio(env: Record<string, string>, flags: readonly string[] = ["--no-seed"]) {
  const child = spawn(process.execPath, [programPath, ...flags], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const lines = () => stdout.split("\n").filter(Boolean);
  const answer = async (id: number) => {
    for (;;) {
      const found = lines()
        .map(parse)
        .find((message) => message?.id === id);
      if (found) return found;
      await new Promise((resolve) => child.stdout.once("data", resolve));
    }
  };
  const say = (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return { child, say, answer, ended, stdout: () => stdout, stderr: () => stderr };
}

type Message = {
  jsonrpc?: string;
  id?: number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
};

export function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}

export const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: HELLO,
};
export const callTool = (id: number, name: string, args: unknown) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});
