import { styleText } from "node:util";

const WIDTH = 78;
const LABEL = 15;

/** The demo's lines: at most 80 columns, coloured only on a terminal that shows colours. */
export class Screen {
  readonly #print: (text: string) => void;
  #scene = 0;

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  title(text: string, lines: readonly string[]): void {
    this.#print(`\n${styleText("bold", text)}\n`);
    for (const line of lines) this.#print(line);
  }

  scene(text: string): void {
    this.#scene++;
    this.#print(`\n${styleText(["bold", "cyan"], `${this.#scene}. ${text}`)}`);
  }

  fact(label: string, value: unknown): void {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const [first = "", ...rest] = wrap(text, WIDTH - LABEL - 3);
    this.#print(`   ${styleText("dim", label.padEnd(LABEL))}${first}`);
    for (const line of rest) this.#print(`   ${" ".repeat(LABEL)}${line}`);
  }

  closing(text: string): void {
    this.#print(`\n${styleText("green", text)}\n`);
  }
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
