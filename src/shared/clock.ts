/** Epoch milliseconds. Injected, so that a lease can lapse in a test without waiting for it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Whole UTC days since the epoch. */
export function dayOf(time: number): number {
  return Math.floor(time / 86_400_000);
}
