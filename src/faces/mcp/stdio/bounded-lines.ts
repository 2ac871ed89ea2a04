/** The ends of a line that was too long to keep: where JSON-RPC messages have their id. */
export interface LongLine {
  readonly head: string;
  readonly tail: string;
}

export interface LineListener {
  readonly onLine: (line: Buffer) => void;
  readonly onLongLine: (line: LongLine) => void;
}

const NEWLINE = 0x0a;
const KEPT_BYTES = 512;

/**
 * Cuts a stream of bytes into lines. Of one with more than `maxBytes` only its ends are kept, and
 * the next one is whole.
 */
export class BoundedLines {
  readonly #maxBytes: number;
  readonly #listener: LineListener;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number, listener: LineListener) {
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      this.#end();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** Ends the stream: behind its last newline stands a line too. */
  end(): void {
    if (this.#size > 0) this.#end();
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    this.#parts.push(bytes);
    if (this.#size <= this.#maxBytes) return;
    const kept = Buffer.concat(this.#parts);
    this.#parts = [
      Buffer.from(kept.subarray(0, KEPT_BYTES)),
      Buffer.from(kept.subarray(-KEPT_BYTES)),
    ];
  }

  #end(): void {
    const isLong = this.#size > this.#maxBytes;
    const [head, tail] = this.#parts;
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    if (isLong) this.#listener.onLongLine({ head: String(head), tail: String(tail) });
    else this.#listener.onLine(line);
  }
}
