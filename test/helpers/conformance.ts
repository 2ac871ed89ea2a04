import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { conformanceFixtures } from "./conformance-fixtures.ts";
import { makeHome } from "./home.ts";
import { listen } from "./http-server.ts";
import { run } from "./program.ts";
import { startTestServer, type TestServer } from "./server.ts";

const { resolve } = createRequire(import.meta.url);

/**
 * The program's server with what the suite expects to find on it, behind a door that shows its key:
 * the suite has none.
 */
export async function startConformanceServer(): Promise<{
  readonly server: TestServer;
  readonly url: string;
}> {
  const server = await startTestServer({ extend: conformanceFixtures });
  const { hostname, port } = new URL(server.url);
  const door = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${server.localKey}` };
    const { method, url: path } = incoming;
    const passed = request({ hostname, port, method, path, headers, setHost: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  return { server, url: `http://127.0.0.1:${await listen(door)}/mcp` };
}

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program of a package with this Node. */
export async function runPackage(main: string, args: readonly string[]): Promise<Ended> {
  const home = makeHome();
  const env = { PATH: process.env.PATH ?? "", HOME: home, NO_COLOR: "1" };
  const options = { env, cwd: home, maxBuffer: 64 * 1024 * 1024 };
  const { code, stdout, stderr } = await run(process.execPath, [main, ...args], options);
  return { code, output: `${stdout}\n${stderr}` };
}

/** Of a package that exports nothing of the kind. */
export function fileOf(packageName: string, file: string): string {
  return join(dirname(resolve(`${packageName}/package.json`)), file);
}
