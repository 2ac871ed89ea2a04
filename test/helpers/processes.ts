import { readdirSync, readFileSync } from "node:fs";

/** Every process below one, as the kernel has them. */
export function childrenOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const stat = statOf(Number(name));
    if (stat && stat.state !== "Z") parents.set(Number(name), stat.parent);
  }
  const below = (id: number): number[] =>
    [...parents]
      .filter(([, parent]) => parent === id)
      .flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/**
 * A process below one that has used more than so many milliseconds of the processor since its last
 * look.
 */
export function busiestOf(pid: number, ms: number): number | undefined {
  return childrenOf(pid).find(
    (child) => (statOf(child)?.cpuMs ?? 0) - (seen.get(child) ?? remember(child)) > ms,
  );
}

const seen = new Map<number, number>();

function remember(pid: number): number {
  const cpuMs = statOf(pid)?.cpuMs ?? 0;
  seen.set(pid, cpuMs);
  return cpuMs;
}

const TICK_MS = 10;

function statOf(pid: number): { state: string; parent: number; cpuMs: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      state: fields[0] ?? "",
      parent: Number(fields[1]),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
  } catch {
    return undefined;
  }
}
