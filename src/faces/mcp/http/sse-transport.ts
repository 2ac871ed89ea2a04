import {
  type JSONRPCMessage,
  type MessageExtraInfo,
  parseJSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { systemClock, type Timer } from "../../../shared/clock.ts";

const HEARTBEAT_MS = 15_000;
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/**
 * The transport of 2024-11-05: one stream of events to the client, which sends each message as a
 * request of its own.
 */
export class SseTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly sessionId: string;
  readonly #stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #heartbeat: Timer | undefined;
  #closed = false;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.#stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      },
      { highWaterMark: MAX_UNREAD_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  /** First the client is told where to send. */
  async start(): Promise<void> {
    this.#write(`event: endpoint\ndata: /messages?sessionId=${this.sessionId}\n\n`);
    this.#heartbeat = systemClock.every(HEARTBEAT_MS, () => this.#write(": still here\n\n"));
  }

  response(): Response {
    return new Response(this.#stream, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
    });
  }

  /** A message that the client sent. Throws for what is no JSON-RPC. */
  receive(body: unknown, extra: MessageExtraInfo): void {
    this.onmessage?.(parseJSONRPCMessage(body), extra);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#heartbeat?.cancel();
    try {
      this.#controller?.close();
    } catch {
      // The client has gone already.
    }
    this.onclose?.();
  }

  /** A client that does not read is left: what it was told would only pile up. */
  #write(text: string): void {
    if (this.#closed) return;
    this.#controller?.enqueue(new TextEncoder().encode(text));
    if ((this.#controller?.desiredSize ?? 0) < 0) void this.close();
  }
}
