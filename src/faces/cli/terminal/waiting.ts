import { type Clock, systemClock, type Timer } from "../../../shared/clock.ts";
import type { Sink } from "./screen.ts";

const EVERY_MS = 1_000;
const ERASE_LINE = "\r\u001b[2K";

/** Shows on a terminal that a command is still at work, once it takes longer than a second. */
export class Waiting {
  readonly #sink: Sink;
  readonly #clock: Clock;
  #isShown = false;

  constructor(sink: Sink, clock: Clock = systemClock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const timer = this.#start();
    try {
      return await work();
    } finally {
      timer?.cancel();
      this.hide();
    }
  }

  /** Takes the line away, for something else to be written. */
  hide(): void {
    if (this.#isShown) this.#sink.write(ERASE_LINE);
    this.#isShown = false;
  }

  #start(): Timer | undefined {
    if (!this.#sink.isTTY) return undefined;
    const started = this.#clock.elapsed();
    return this.#clock.every(EVERY_MS, () => {
      this.#sink.write(
        `${ERASE_LINE}working, ${Math.round((this.#clock.elapsed() - started) / 1_000)} s`,
      );
      this.#isShown = true;
    });
  }
}
