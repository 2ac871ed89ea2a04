import type { Screen } from "../terminal/screen.ts";

const COLUMNS = 80;
const LABEL = 13;

/** Lines of the demo, scene after scene: at most 80 columns, wherever it is read. */
export class DemoScreen {
  readonly #screen: Screen;
  #scene = 0;

  constructor(screen: Screen) {
    this.#screen = screen.narrowedTo(COLUMNS);
  }

  title(text: string, lines: readonly string[]): void {
    this.#screen.section(text);
    this.#screen.say("");
    for (const line of lines) this.#screen.say(line);
  }

  scene(text: string): void {
    this.#scene++;
    this.#screen.section(`${this.#scene}. ${text}`);
  }

  fact(label: string, value: unknown): void {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    this.#screen.pairs([[label.padEnd(LABEL), text]]);
  }

  closing(text: string, commands: readonly (readonly [string, string])[]): void {
    this.#screen.say(["\n", { color: "green", text }]);
    this.#screen.next(...commands);
  }
}
