import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { listenedUris } from "./listened-uris.ts";

/**
 * Stdio, with an ear for what a client of the 2026 revision listens to: the SDK answers `subscriptions/listen` itself and
 * tells the server nothing of it.
 */
export class ListeningTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #inner = new StdioServerTransport();
  readonly #onListen: (uris: readonly string[]) => void;

  constructor(onListen: (uris: readonly string[]) => void) {
    this.#onListen = onListen;
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message: JSONRPCMessage, ...rest: unknown[]) => {
      (this.onmessage as ((...all: unknown[]) => void) | undefined)?.(message, ...rest);
      this.#onListen(listenedUris(message) ?? []);
    };
    await this.#inner.start();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#inner.send(message);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
