/** Sorted samples and what is read off them. */
export interface Samples {
  readonly p50: number;
  readonly p99: number;
}

export function summarise(values: readonly number[]): Samples {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** One call after the other, each begun on its beat: what it costs when nothing queues. */
export async function paced(
  times: number,
  perSecond: number,
  call: () => Promise<unknown>,
): Promise<Samples> {
  const values: number[] = [];
  const beat = 1_000 / perSecond;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await call();
    values.push(performance.now() - started);
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, beat - (performance.now() - started))),
    );
  }
  return summarise(values);
}

/** As many calls as fit: how many a second, with so many under way at once. */
export async function throughput(
  total: number,
  atOnce: number,
  call: () => Promise<unknown>,
): Promise<number> {
  let left = total;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return total / ((performance.now() - started) / 1_000);
}

export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly floor: number;
  readonly unit: string;
  /** The aim for ours ÷ floor; for rates, floor ÷ ours. */
  readonly aim: string;
}

export function printRows(rows: readonly Row[]): void {
  const number = (value: number) =>
    (value >= 100 ? value.toFixed(0) : value.toFixed(2)).padStart(9);
  process.stdout.write(`${"".padEnd(48)}     ours     floor    ratio   aim\n`);
  for (const { what, ours, floor, unit, aim } of rows) {
    const ratio = Number.isNaN(floor)
      ? "".padStart(8)
      : `${(ours / floor).toFixed(2)} ×`.padStart(8);
    const shownFloor = Number.isNaN(floor) ? "".padStart(9) : number(floor);
    process.stdout.write(
      `${`${what} (${unit})`.padEnd(48)}${number(ours)} ${shownFloor} ${ratio}   ${aim}\n`,
    );
  }
}
