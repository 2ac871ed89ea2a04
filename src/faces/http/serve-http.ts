import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { systemClock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { type HttpFaceParts, httpFace } from "./http-face.ts";

export interface ServeParts extends HttpFaceParts {
  readonly host: string;
  /** TCP port; 0 lets the system choose a free one. */
  readonly port: number;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no more connections. */
  refuse(): void;
  /** Resolves when the last connection has ended, at the latest after `ms`. */
  end(ms: number): Promise<void>;
}

/** Throws MISCONFIGURED for an address that is taken or not there. */
export async function serveHttp({ host, port, ...parts }: ServeParts): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: httpFace(parts).fetch }) as Server;
  await listen(server, host, port);
  const closed = once(server, "close");
  return {
    port: (server.address() as AddressInfo).port,
    refuse: () => void server.close(),
    async end(ms) {
      server.closeIdleConnections();
      const timer = systemClock.after(ms, () => server.closeAllConnections());
      await closed;
      timer.cancel();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "EADDRINUSE" ? "the port is taken; choose another with --port" : (code ?? "error");
    throw new DomainError("MISCONFIGURED", `The server cannot listen on ${host}:${port}: ${why}.`);
  }
}
