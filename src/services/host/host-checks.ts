import { existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { CheckpointFile } from "../../../storage/checkpoint-file.ts";
import { lastBackup } from "../../../storage/sqlite/last-backup.ts";
import { databasePath } from "../../../storage/sqlite/open-store.ts";
import type { Store } from "../../../storage/store.ts";
import type { Processors } from "../../payments/processors.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";

/** One thing that a host depends on. */
export interface HostCheck {
  readonly name: string;
  readonly state: "good" | "doubtful" | "bad";
  readonly detail: string;
  /** The remedy, where the state is not good. */
  readonly remedy?: string;
}

export interface HostCheckParts {
  readonly store: Store;
  readonly processors: Processors;
  readonly home: string;
  /**
   * The address for others; undefined where only this machine is meant to reach the server.
   */
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
}

const MB = 1024 * 1024;
const ROOMY_MB = 1_024;
const LITTLE_MB = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BACKUP_DAYS = 7;
/** Clocks of machines that share a folder differ by no more. */
const CLOCK_SLACK_MS = 5_000;

/** Checks everything around the program that can fail silently. */
export async function hostChecks(parts: HostCheckParts): Promise<HostCheck[]> {
  return [
    await disk(parts),
    await clockCheck(parts),
    await ledger(parts),
    await holds(parts),
    processors(parts),
    await payouts(parts),
    backup(parts),
    checkpoints(parts),
  ];
}

async function disk({ home }: HostCheckParts): Promise<HostCheck> {
  const { bavail, bsize } = await statfs(home);
  const freeMb = Math.floor((bavail * bsize) / MB);
  const usedMb = Math.ceil(sizeOf(databasePath(home)) / MB);
  const detail = `${freeMb.toLocaleString("en")} MB free, the database has ${usedMb.toLocaleString("en")} MB`;
  if (freeMb >= ROOMY_MB) return good("disk", detail);
  const remedy =
    "Make room: a full disk refuses every write. `stack-mcp erase --older-than-days 90` takes old content out.";
  return { name: "disk", state: freeMb < LITTLE_MB ? "bad" : "doubtful", detail, remedy };
}

async function clockCheck({ store, clock }: HostCheckParts): Promise<HostCheck> {
  const newest = await store.read((r) => r.hostMetrics.newest());
  const now = clock.now();
  if (newest === null || newest <= now + CLOCK_SLACK_MS) return good("clock", isoTime(now));
  return {
    name: "clock",
    state: "bad",
    detail: `${isoTime(now)}, and the database has work of ${isoTime(newest)}`,
    remedy:
      "Set the clock (timedatectl set-ntp true): it is behind, or it was ahead when that was recorded.",
  };
}

async function ledger({ store }: HostCheckParts): Promise<HostCheck> {
  const { length: problems } = await store.findLedgerProblems();
  if (problems === 0) return good("ledger", "every invariant holds");
  const remedy =
    "Stop the server and see `stack-mcp ledger verify`; `stack-mcp restore` puts a backup in place.";
  return { name: "ledger", state: "bad", detail: `${problems} invariants are broken`, remedy };
}

async function holds({ store, clock }: HostCheckParts): Promise<HostCheck> {
  const { count, cents, overdue } = await store.read((r) =>
    r.hostMetrics.holds(clock.now() - HOUR_MS),
  );
  const detail =
    count === 0
      ? "none"
      : `${cents} cents for ${count === 1 ? "a run that is" : `${count} runs that are`} not over`;
  if (overdue === 0) return good("holds", detail);
  const remedy =
    "A running server ends overdue runs and voids their holds: start `stack-mcp serve`, or read its log.";
  return {
    name: "holds",
    state: "doubtful",
    detail: `${detail}, ${overdue} of them overdue`,
    remedy,
  };
}

function processors({
  store,
  processors: { topups, remote },
  publicUrl,
}: HostCheckParts): HostCheck {
  const name = "processors";
  if (store.instance.stamp === "play")
    return good(name, "play money: a page of this server takes it");
  const names = remote.map((one) => one.name).join(" and ");
  if (!topups) {
    const remedy =
      "Name a processor under `payments` in config.json (docs/operating.md, Live money).";
    return { name, state: "bad", detail: "no processor takes live money", remedy };
  }
  if (publicUrl !== undefined) return good(name, `${names}; webhooks come to ${publicUrl}`);
  const remedy = "Set STACK_PUBLIC_URL: a processor's webhooks and its pages' way back need it.";
  return { name, state: "bad", detail: `${names}, which cannot reach this server`, remedy };
}

async function payouts({ store, clock }: HostCheckParts): Promise<HostCheck> {
  const { count, oldest } = await store.read((r) => r.hostMetrics.unpaidPayouts());
  if (count === 0) return good("payouts", "no payout is on its way");
  const detail = `${count} on their way since ${isoTime(oldest ?? 0)}`;
  if ((oldest ?? 0) > clock.now() - DAY_MS) return good("payouts", detail);
  const remedy = "`stack-mcp payouts run` sends the payouts again that the processor did not take.";
  return { name: "payouts", state: "doubtful", detail, remedy };
}

function backup({ home, clock }: HostCheckParts): HostCheck {
  const last = lastBackup(home);
  const remedy = "Put `stack-mcp backup <file>` in cron, and keep the master key elsewhere.";
  if (!last)
    return { name: "backup", state: "doubtful", detail: "this program made no backup", remedy };
  if (!existsSync(last.file)) {
    return {
      name: "backup",
      state: "doubtful",
      detail: `${last.file} does not exist any more`,
      remedy,
    };
  }
  const days = Math.floor((clock.now() - last.at) / DAY_MS);
  const age = days === 1 ? "1 day" : `${days} days`;
  const detail = `${days === 0 ? "less than a day" : age} old, ${last.file}`;
  return days < BACKUP_DAYS
    ? good("backup", detail)
    : { name: "backup", state: "doubtful", detail, remedy };
}

function checkpoints({ home }: HostCheckParts): HostCheck {
  const file = new CheckpointFile(home);
  const { checkpoints: found, isDamaged } = file.read();
  const name = "checkpoints";
  if (isDamaged) {
    const remedy =
      "Compare it with a copy, then see `stack-mcp audit verify`; `stack-mcp audit pin` writes it anew.";
    return {
      name,
      state: "bad",
      detail: "audit-checkpoints.jsonl has lines that cannot be read",
      remedy,
    };
  }
  if (found.size > 0)
    return good(name, `${found.size} chains, signed ${isoTime(statSync(file.path).mtimeMs)}`);
  const remedy =
    "A running server signs where the audit chains end; `stack-mcp audit pin` does it now.";
  return { name, state: "doubtful", detail: "no chain's end is signed yet", remedy };
}

function good(name: string, detail: string): HostCheck {
  return { name, state: "good", detail };
}

function sizeOf(path: string): number {
  return ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
