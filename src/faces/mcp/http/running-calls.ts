import { systemClock } from "../../../shared/clock.ts";
import type { Backend } from "../session.ts";

const SETTLE_MS = 20;

/** Calls that are being answered, counted so that a stopping server lets them end. */
export class RunningCalls {
  #running = 0;

  counted(engine: Backend["engine"]): Backend["engine"] {
    return async () => {
      const inner = await engine();
      return {
        run: async (call) => {
          this.#running++;
          try {
            return await inner.run(call);
          } finally {
            this.#running--;
          }
        },
      };
    };
  }

  /** Resolves when every call has its answer and a moment to send it, or after `ms`. */
  async settle(ms: number): Promise<void> {
    const deadline = systemClock.elapsed() + ms;
    do await systemClock.sleep(SETTLE_MS);
    while (this.#running > 0 && systemClock.elapsed() < deadline);
  }
}
