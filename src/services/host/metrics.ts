import type { MoneyHeld, Waiting } from "../../../storage/read-models/host-metrics.ts";
import type { Store } from "../../../storage/store.ts";
import type { Runtime } from "../../domain/market/skill.ts";
import type { FailureReason, InvocationStatus } from "../../domain/runs/invocation.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { Clock } from "../../shared/clock.ts";
import type { InvocationWorker } from "../invocations/run/invocation-worker.ts";

/** The measurements of a host. */
export interface HostMetrics {
  readonly invocations: readonly {
    status: InvocationStatus;
    verdict: FailureReason | null;
    count: number;
  }[];
  /** Milliseconds that the oldest work waits for a process; 0 when none waits. */
  readonly queueAgeMs: number;
  readonly running: number;
  readonly slots: number;
  readonly spares: Readonly<Record<Runtime, number>>;
  readonly money: MoneyHeld;
  readonly waiting: Waiting;
  /** Broken ledger invariants, as of the last look. */
  readonly ledgerProblems: number;
}

export interface MetricsParts {
  readonly store: Store;
  readonly worker: InvocationWorker;
  readonly sandbox: Sandbox;
  readonly slots: number;
  readonly clock: Clock;
}

const LOOK_AT_LEDGER_MS = 60_000;
/** Looking at the whole ledger takes no more than this part of the time. */
const LEDGER_SHARE = 0.01;

export class MetricsService {
  readonly #parts: MetricsParts;
  #ledger = { problems: 0, lookAgainAt: 0 };

  constructor(parts: MetricsParts) {
    this.#parts = parts;
  }

  async read(): Promise<HostMetrics> {
    const { store, worker, sandbox, slots, clock } = this.#parts;
    const { invocations, oldest, money, waiting } = await store.read(async (r) => ({
      invocations: await r.invocations.countByEnd(),
      oldest: await r.invocations.oldestQueued(),
      money: await r.hostMetrics.money(),
      waiting: await r.hostMetrics.waiting(),
    }));
    return {
      invocations,
      queueAgeMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
      running: worker.running,
      slots,
      spares: sandbox.spares(),
      money,
      waiting,
      ledgerProblems: await this.#ledgerProblems(),
    };
  }

  async #ledgerProblems(): Promise<number> {
    const began = this.#parts.clock.elapsed();
    if (began < this.#ledger.lookAgainAt) return this.#ledger.problems;
    const { length: problems } = await this.#parts.store.findLedgerProblems();
    const took = this.#parts.clock.elapsed() - began;
    this.#ledger = {
      problems,
      lookAgainAt: began + Math.max(LOOK_AT_LEDGER_MS, took / LEDGER_SHARE),
    };
    return problems;
  }
}
