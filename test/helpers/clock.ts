import { type Clock, systemClock } from "../../src/shared/clock.ts";

/** The time that a test says it is; what is waited for is waited for in real time. */
export function clockAt(now: () => number): Clock {
  return { ...systemClock, now };
}
