import { styleText } from "node:util";
import { Help } from "commander";
import { asStarted, startedAs } from "../../../shared/as-started.ts";
import { printable } from "../../../shared/text.ts";

/** A text in a colour. */
export interface Painted {
  readonly color: "bold" | "dim" | "green" | "red" | "yellow";
  readonly text: string;
}

/** A text, or texts side by side, some of them in a colour. */
export type Words = string | Painted | readonly (string | Painted)[];

/** The end that a screen writes to: a terminal, a file or a pipe. */
export type Sink = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Lines longer than this are hard to read. */
const MAX_COLUMNS = 100;
const INDENT = 2;
const GAP = 2;
const FURTHER_INDENT = 6;
/** With less room than this beside its name a value stands below it. */
const LEAST_VALUE = 24;
/** Stands for a blank where no line ends. Nobody writes it: it is for private use. */
const NO_BREAK = "\ue000";
const wrapper = Object.assign(new Help(), { minWidthToWrap: 12 });

export const good = (text: string): Painted => ({ color: "green", text });
export const bad = (text: string): Painted => ({ color: "red", text });
export const doubtful = (text: string): Painted => ({ color: "yellow", text });
const quiet = (text: string): Painted => ({ color: "dim", text });

/**
 * Text for people. A terminal gets lines that fit it, with colours where it shows colours (NO_COLOR
 * and FORCE_COLOR decide over that); a pipe or a file gets each line whole. COLUMNS decides over
 * the width of both. Control characters of others' text are shown as escapes.
 */
export class Screen {
  readonly columns: number;
  readonly #sink: Sink;
  readonly #makeRoom: () => void;

  /** `makeRoom` takes away what stands on the line that is written to. */
  constructor(sink: Sink, makeRoom: () => void = () => {}, columns = columnsOf(sink)) {
    this.columns = columns;
    this.#sink = sink;
    this.#makeRoom = makeRoom;
  }

  /** The same place with shorter lines. */
  narrowedTo(columns: number): Screen {
    return new Screen(this.#sink, this.#makeRoom, Math.min(columns, this.columns));
  }

  /** A paragraph. A line that begins with blanks goes on under its first word. */
  say(words: Words): void {
    for (const line of this.#painted(words).split("\n")) {
      const indent = line.length - line.trimStart().length;
      this.#write(hanging(line.trimStart(), " ".repeat(indent), " ".repeat(indent), this.columns));
    }
  }

  /** Lines of code under a name, as they are. */
  code(name: string, text: string): void {
    this.say(["  ", quiet(name)]);
    this.#write(printable(text.trimEnd()).replace(/^/gm, "    "));
  }

  /** A heading for the lines below. */
  title(text: string): void {
    this.say({ color: "bold", text });
  }

  /** A title with room above it. */
  section(text: string): void {
    this.#write("");
    this.title(text);
  }

  /** Two columns: a name and what it is. */
  pairs(pairs: readonly (readonly [string, Words])[]): void {
    const width = Math.max(0, ...pairs.map(([name]) => name.length));
    const indent = " ".repeat(INDENT + width + GAP);
    for (const [name, value] of pairs) {
      if (this.columns - indent.length < LEAST_VALUE) {
        const narrow = " ".repeat(FURTHER_INDENT);
        this.say([" ".repeat(INDENT), quiet(name)]);
        this.#write(hanging(this.#painted(value), narrow, narrow, this.columns));
        continue;
      }
      const label =
        " ".repeat(INDENT) + this.#painted(quiet(name)) + " ".repeat(width - name.length + GAP);
      this.#write(hanging(this.#painted(value), label, indent, this.columns));
    }
  }

  /** One of a list: what does not fit its line goes on in the next, part by part. */
  entry(...parts: readonly Words[]): void {
    const lines: string[] = [];
    for (const part of parts.map((words) => this.#painted(words))) {
      const longer = lines.length === 0 ? part : `${lines.at(-1)}${" ".repeat(GAP)}${part}`;
      if (wrapper.displayWidth(longer) <= this.columns || lines.length === 0)
        lines.splice(-1, 1, longer);
      else lines.push(" ".repeat(FURTHER_INDENT) + part);
    }
    this.#write(lines.join("\n"));
  }

  /** Commands to go on with, each with what it does. */
  next(...commands: readonly (readonly [string, string])[]): void {
    this.#write("");
    this.say("next:");
    for (const [command, effect] of commands)
      this.entry(`  ${startedAs()} ${command}`, quiet(effect));
  }

  #painted(words: Words): string {
    const parts = Array.isArray(words)
      ? (words as readonly (string | Painted)[])
      : [words as string | Painted];
    return parts
      .map((part) => {
        if (typeof part === "string") return asStarted(printable(part));
        return styleText(part.color, asStarted(printable(part.text)), { stream: this.#sink });
      })
      .join("");
  }

  #write(text: string): void {
    this.#makeRoom();
    this.#sink.write(`${text}\n`);
  }
}

function hanging(text: string, first: string, further: string, columns: number): string {
  const lines = wrapped(text, columns - further.length);
  return lines.map((line, at) => (at === 0 ? first : further) + line).join("\n");
}

function wrapped(text: string, columns: number): readonly string[] {
  if (!Number.isFinite(columns)) return [text];
  // A command is copied: it stays on one line.
  const whole = text.replace(/`[^`\n]+`/g, (command) => command.replaceAll(" ", NO_BREAK));
  return wrapper.boxWrap(whole, columns).replaceAll(NO_BREAK, " ").split("\n");
}

/** The width of whatever a stream ends in. */
export function columnsOf(sink: Sink): number {
  const { COLUMNS = "" } = process.env;
  if (/^[1-9]\d{1,3}$/.test(COLUMNS)) return Math.min(Number(COLUMNS), MAX_COLUMNS);
  return sink.isTTY ? Math.min(sink.columns ?? 80, MAX_COLUMNS) : Number.POSITIVE_INFINITY;
}
