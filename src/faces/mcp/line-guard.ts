import { Transform, type TransformCallback } from "node:stream";
import { PARSE_ERROR } from "@modelcontextprotocol/server";
import { LIMITS } from "../../shared/limits.ts";
import { utf8 } from "../../shared/utf8.ts";
import { BoundedLines, type LongLine } from "./bounded-lines.ts";
import { asSpoken, type MessageId, refusalOf, refused, type SpokenError } from "./spoken.ts";

const ID_BEFORE_THE_REST = /^\s*\{[^{[]*?"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")/;
const ID_AFTER_THE_REST =
  /[}\]"\w]\s*,(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")[^{}[\]]*\}\s*$/;

export interface GuardParts {
  /** Says to the client what was wrong with a line. */
  readonly answer: (error: SpokenError) => void;
  /** Takes several messages in one; false where the client's revision has none. */
  readonly takeBatch: (messages: readonly unknown[]) => boolean;
}

/**
 * Lets the lines through that are messages. Every other line gets an answer, because its sender waits for one, and the next
 * line is heard: nothing that a client sends ends the server.
 */
export class LineGuard extends Transform {
  readonly #parts: GuardParts;
  readonly #lines = new BoundedLines(LIMITS.requestBytes, {
    onLine: (line) => this.#hear(line),
    onLongLine: (line) => this.#refuseLong(line),
  });

  constructor(parts: GuardParts) {
    super();
    this.#parts = parts;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#lines.push(chunk);
    done();
  }

  #hear(line: Buffer): void {
    const text = textOf(line);
    if (text?.trim() === "") return;
    const message = text === undefined ? undefined : parsed(text);
    if (message === undefined) {
      const what = text === undefined ? "UTF-8" : "JSON";
      this.#parts.answer(refused(null, `Parse error: the line is not ${what}.`, PARSE_ERROR));
    } else if (!Array.isArray(message)) {
      this.#pass(message, text);
    } else if (message.length === 0) {
      this.#parts.answer(refused(null, "A batch has messages."));
    } else if (this.#parts.takeBatch(message)) {
      for (const one of message) this.#pass(one);
    } else {
      this.#parts.answer(refused(null, "This protocol version has no batches."));
    }
  }

  #pass(message: unknown, text?: string): void {
    const refusal = refusalOf(message);
    const meant = asSpoken(message);
    if (refusal) this.#parts.answer(refusal);
    else this.push(`${meant === message && text !== undefined ? text : JSON.stringify(meant)}\n`);
  }

  #refuseLong({ head, tail }: LongLine): void {
    const found = ID_BEFORE_THE_REST.exec(head)?.[1] ?? ID_AFTER_THE_REST.exec(tail)?.[1];
    const id = found === undefined ? null : (JSON.parse(found) as MessageId);
    const reason = `PAYLOAD_TOO_LARGE: A message may have at most ${LIMITS.requestBytes} bytes.`;
    this.#parts.answer(refused(id, reason));
  }
}

function textOf(line: Buffer): string | undefined {
  try {
    return utf8(line);
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
