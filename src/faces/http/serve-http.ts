import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { DomainError } from "../../shared/errors.ts";
import { type HttpFaceParts, httpFace } from "./http-face.ts";

export interface ServeParts extends Omit<HttpFaceParts, "stopping" | "parting"> {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface HttpServer {
  readonly port: number;
  /**
   * Lets nobody new in, then lets `finish` end what runs, then answers whoever still waits, and closes.
   */
  stop(finish: () => Promise<void>): Promise<void>;
}

/** What is still being sent when everything has ended gets this long. */
const FAREWELL_MS = 2_000;

/** Throws MISCONFIGURED for an address that is taken or not there. */
export async function serveHttp({ host, port, ...parts }: ServeParts): Promise<HttpServer> {
  const stopping = new AbortController();
  const parting = new AbortController();
  const app = httpFace({ ...parts, stopping: stopping.signal, parting: parting.signal });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async stop(finish) {
      stopping.abort();
      const closed = once(server, "close");
      server.close();
      await finish();
      parting.abort();
      const timer = setTimeout(() => server.closeAllConnections(), FAREWELL_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "the port is taken; choose another with --port" : (code ?? "error");
    throw new DomainError("MISCONFIGURED", `The server cannot listen on ${host}:${port}: ${why}.`);
  }
}
