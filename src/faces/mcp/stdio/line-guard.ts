import { Transform, type TransformCallback } from "node:stream";
import { PARSE_ERROR } from "@modelcontextprotocol/server";
import { depthExceeds } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { utf8 } from "../../../shared/utf8.ts";
import {
  isId,
  jsonIn,
  type MessageError,
  type MessageId,
  normaliseMessage,
  refusalOf,
  refused,
} from "../messages.ts";
import { BoundedLines, type LongLine } from "./bounded-lines.ts";

/** Far more than any call may have, and little enough for whoever writes it down again. */
const MAX_LEVELS = 1_000;
const ENDS_CHARS = 512;
const ID_BEFORE_THE_REST = /^\s*\{[^{[]*?"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")/;
const ID_AFTER_THE_REST =
  /[}\]"\w]\s*,(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")[^{}[\]]*\}\s*$/;

export interface GuardParts {
  /** Says to the client what was wrong with a line. */
  readonly answer: (error: MessageError) => void;
  /** Takes several messages in one; false where the client's revision has none. */
  readonly takeBatch: (messages: readonly unknown[]) => boolean;
}

/**
 * Lets the lines through that are messages. Every other line gets an answer, because its sender
 * waits for one, and the next line is heard: nothing that a client sends ends the server.
 */
export class LineGuard extends Transform {
  readonly #parts: GuardParts;
  readonly #lines = new BoundedLines(LIMITS.requestBytes, {
    onLine: (line) => this.#receive(line),
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

  override _flush(done: TransformCallback): void {
    this.#lines.end();
    done();
  }

  #receive(line: Buffer): void {
    const text = textOf(line);
    if (text?.trim() === "") return;
    if (text !== undefined && depthExceeds(text, MAX_LEVELS)) {
      const ends = { head: text.slice(0, ENDS_CHARS), tail: text.slice(-ENDS_CHARS) };
      this.#parts.answer(refused(idIn(ends), `A message may nest ${MAX_LEVELS} levels deep.`));
      return;
    }
    const message = text === undefined ? undefined : jsonIn(text);
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
    const meant = normaliseMessage(message);
    const refusal = refusalOf(meant);
    if (refusal) this.#parts.answer(refusal);
    else this.push(`${meant === message && text !== undefined ? text : JSON.stringify(meant)}\n`);
  }

  #refuseLong(line: LongLine): void {
    const reason = `PAYLOAD_TOO_LARGE: A message may have at most ${LIMITS.requestBytes} bytes.`;
    this.#parts.answer(refused(idIn(line), reason));
  }
}

/** The id of a message of which only the ends are read. */
function idIn({ head, tail }: LongLine): MessageId | null {
  const found = ID_BEFORE_THE_REST.exec(head)?.[1] ?? ID_AFTER_THE_REST.exec(tail)?.[1];
  const id = found === undefined ? null : jsonIn(found);
  return isId(id) ? id : null;
}

function textOf(line: Buffer): string | undefined {
  try {
    return utf8(line);
  } catch {
    return undefined;
  }
}
