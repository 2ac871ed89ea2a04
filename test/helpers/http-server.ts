import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  readonly seen: SeenRequest[];
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A service on this machine that answers as the test says. */
export async function startHttpServer(answer: Answer): Promise<HttpServer> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
    seen.push(one);
    answer(response, one);
  });
  const port = await listen(server);
  return { port, url: `http://127.0.0.1:${port}`, seen };
}

/** On a free port of this machine, until the test ends. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export function sends(
  status: number,
  body: string | Buffer = "",
  headers: Record<string, string> = {},
): Answer {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** All that it was sent, as JSON. */
export const echoes: Answer = (response, request) =>
  void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(request));
