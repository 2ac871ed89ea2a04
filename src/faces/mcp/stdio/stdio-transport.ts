import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { isId, type MessageError, type MessageId } from "../messages.ts";
import { listenedUris } from "../subscriptions/listened-uris.ts";
import { LineGuard } from "./line-guard.ts";

/** The only revision whose clients may send several messages in one. */
const BATCHING = "2025-03-26";

interface Batch {
  readonly open: Set<MessageId>;
  readonly answers: JSONRPCMessage[];
}

/**
 * Stdio behind a guard of its lines, with an ear for what a client of the 2026 revision listens to:
 * the SDK answers `subscriptions/listen` itself and tells the server nothing of it.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #guard = new LineGuard({
    answer: (error) => void this.send(error as JSONRPCMessage).catch(() => {}),
    takeBatch: (messages) => this.#takeBatch(messages),
  });
  readonly #inner = new StdioServerTransport(this.#guard);
  readonly #onListen: (uris: readonly string[]) => void;
  #batches: Batch[] = [];
  #revision: string | undefined;

  constructor(onListen: (uris: readonly string[]) => void) {
    this.#onListen = onListen;
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message: JSONRPCMessage, ...rest: unknown[]) => {
      (this.onmessage as ((...all: unknown[]) => void) | undefined)?.(message, ...rest);
      this.#onListen(listenedUris(message) ?? []);
      void this.#leaveOut(message).catch(() => {});
    };
    await this.#inner.start();
    process.stdin.pipe(this.#guard);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#noteRevision(message);
    const batch = this.#batches.find(({ open }) => open.has(idOf(message)));
    if (!batch) return this.#inner.send(message);
    batch.answers.push(message);
    await this.#answered(batch, idOf(message));
  }

  async close(): Promise<void> {
    process.stdin.unpipe(this.#guard);
    await this.#inner.close();
  }

  /** The answers of a batch go out together, when the last of them is there. */
  async #answered(batch: Batch, id: MessageId): Promise<void> {
    batch.open.delete(id);
    if (batch.open.size > 0) return;
    this.#batches = this.#batches.filter((one) => one !== batch);
    // The type names one message; what is written is its JSON.
    if (batch.answers.length > 0)
      await this.#inner.send(batch.answers as unknown as JSONRPCMessage);
  }

  /**
   * Leaves out of its batch what a client cancelled: that is not answered, and keeps no batch
   * waiting.
   */
  async #leaveOut(message: JSONRPCMessage): Promise<void> {
    const { method, params } = message as { method?: string; params?: { requestId?: MessageId } };
    const id = method === "notifications/cancelled" ? params?.requestId : undefined;
    const batch = id === undefined ? undefined : this.#batches.find(({ open }) => open.has(id));
    if (batch && id !== undefined) await this.#answered(batch, id);
  }

  /** Finds the revision that was agreed on in the answer to `initialize`. */
  #noteRevision(message: JSONRPCMessage): void {
    const { result } = message as { result?: { protocolVersion?: unknown } };
    if (typeof result?.protocolVersion === "string") this.#revision = result.protocolVersion;
  }

  #takeBatch(messages: readonly unknown[]): boolean {
    if (this.#revision !== BATCHING) return false;
    const requests = messages.filter(
      (one) => Object(one).method !== undefined && isId(Object(one).id),
    );
    if (requests.length > 0)
      this.#batches.push({ open: new Set(requests.map((one) => Object(one).id)), answers: [] });
    return true;
  }
}

/** Of an answer; a message of ours that asks is in no batch. */
function idOf(message: JSONRPCMessage | MessageError): MessageId {
  const { id, method } = message as { id?: MessageId | null; method?: string };
  return method === undefined && id !== undefined && id !== null ? id : Number.NaN;
}
