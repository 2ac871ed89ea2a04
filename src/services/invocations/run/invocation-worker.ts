import { EventEmitter, once } from "node:events";
import type { Store } from "../../../../storage/store.ts";
import type { LlmProviders } from "../../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../../schemas/schema-checker.ts";
import { unlessAborted } from "../../../shared/abort.ts";
import type { Clock, Timer } from "../../../shared/clock.ts";
import { assert } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Logger } from "../../../shared/logger.ts";
import type { EgressService } from "../../egress/egress-service.ts";
import type { RunEgress } from "../../egress/run-egress.ts";
import { type Assignment, checkedResult, egressOf, lostAt, storedTexts } from "./assignment.ts";
import { finalizeRun } from "./finalize-run.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { PipelineResult } from "./pipeline-run.ts";
import type { PipelineRunner } from "./pipeline-runner.ts";
import { claimNextInvocation } from "./work-queue.ts";

/** Room for one run: used once, or released. */
export interface Slot {
  /** The invocation is `processing` under this worker's lease. */
  run(assignment: Assignment): void;
  /** Releases the slot; does nothing once it was used. */
  release(): void;
}

export interface StepReport {
  readonly step: number;
  readonly of: number;
}

export interface WorkerParts {
  readonly store: Store;
  readonly runner: PipelineRunner;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly egress: EgressService;
  readonly clock: Clock;
  readonly log: Logger;
  readonly slots: number;
}

interface Run {
  readonly abort: AbortController;
  step: StepReport | undefined;
  egress: RunEgress | undefined;
  /** The invocation is no longer this process's: it was cancelled, or its lease lapsed. */
  taken: boolean;
}

/**
 * Runs sealed invocations under leases: as many at once as there are slots; others stay rows in the
 * queue.
 */
export class InvocationWorker {
  /** Names this process on its leases. */
  readonly leaseOwner = newId("proc");
  readonly #parts: WorkerParts;
  readonly #events = new EventEmitter<{
    step: [invocationId: string, report: StepReport];
    free: [];
  }>();
  readonly #running = new Map<string, Run>();
  readonly #leases: LeaseKeeper;
  #reserved = 0;
  #stopping = false;
  #abandoning = false;
  #lookAgain = false;
  #draining = false;
  #unsubscribe: (() => void) | undefined;
  #renewal: Timer | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#events.setMaxListeners(0);
    this.#leases = new LeaseKeeper({
      ...parts,
      owner: this.leaseOwner,
      held: () => [...this.#running].filter(([, run]) => !run.taken).map(([id]) => id),
      onLost: (id) => this.drop(id),
    });
  }

  /** Starts to take work from the queue. */
  start(): void {
    this.#unsubscribe = this.#parts.store.changes.subscribe(() => {
      void this.drain();
      this.#leases.look();
    });
    this.#renewal = this.#parts.clock.every(LIMITS.sealedRenewMs, () => {
      void this.drain();
      void this.#leases.renew();
    });
    void this.drain();
  }

  /**
   * Lets running work end until `graceMs` have passed, then ends it: children die, holds are
   * voided.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#unsubscribe?.();
    const timer = this.#parts.clock.after(graceMs, () => {
      this.#abandoning = true;
      for (const run of this.#running.values()) run.abort.abort();
    });
    while (this.#running.size + this.#reserved > 0) await once(this.#events, "free");
    timer.cancel();
    this.#renewal?.cancel();
    this.#leases.stop();
  }

  /** Invocations that this process runs now. */
  get running(): number {
    return this.#running.size;
  }

  /** Reserves a slot; undefined when every slot is taken. */
  reserveSlot(): Slot | undefined {
    if (!this.#tryReserve()) return undefined;
    let isOpen = true;
    return {
      run: (assignment) => {
        assert(isOpen, "a slot is used once");
        isOpen = false;
        this.#run(assignment);
      },
      release: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#freeReserved();
        void this.drain();
      },
    };
  }

  leaseUntil(): number {
    return this.#leases.until();
  }

  /** Kills the child of a run in this process whose invocation is over. */
  drop(invocationId: string): void {
    const run = this.#running.get(invocationId);
    if (!run) return;
    run.taken = true;
    run.abort.abort();
  }

  /** Tells whether an invocation runs here and nothing of it has left the machine. */
  isContained(invocationId: string): boolean {
    const run = this.#running.get(invocationId);
    return run !== undefined && run.egress?.hasCalledOut !== true;
  }

  /**
   * Reports an invocation's steps as they begin, the running one included. Returns a function that
   * stops the reports.
   */
  onStep(invocationId: string, listener: (report: StepReport) => void): () => void {
    const relevant = (id: string, report: StepReport) => id === invocationId && listener(report);
    this.#events.on("step", relevant);
    const now = this.#running.get(invocationId)?.step;
    if (now) listener(now);
    return () => this.#events.off("step", relevant);
  }

  /**
   * Starts queued work while there are slots. A call during another call makes it look again.
   */
  async drain(): Promise<void> {
    this.#lookAgain = true;
    if (this.#draining || this.#unsubscribe === undefined) return;
    this.#draining = true;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      await this.#startQueued();
    }
    this.#draining = false;
  }

  #tryReserve(): boolean {
    if (this.#stopping || this.#running.size + this.#reserved >= this.#parts.slots) return false;
    this.#reserved++;
    return true;
  }

  /** In place of a slot that is reserved. */
  #run(assignment: Assignment): void {
    const { id } = assignment.invocation;
    const abort = new AbortController();
    this.#reserved--;
    const run: Run = { abort, step: undefined, egress: undefined, taken: false };
    this.#running.set(id, run);
    // While something runs here, a word from another process that it is over is heard at once.
    const stopWatching = this.#parts.store.changes.watch();
    if (this.#abandoning) abort.abort();
    void this.#runToEnd(assignment, run).finally(() => {
      this.#running.delete(id);
      stopWatching();
      this.#events.emit("free");
      void this.drain();
    });
  }

  async #startQueued(): Promise<void> {
    while (this.#tryReserve()) {
      const assignment = await this.#claimNext().catch((error: unknown) =>
        this.#logFailure(error, "claiming work failed"),
      );
      if (!assignment) return this.#freeReserved();
      this.#run(assignment);
    }
  }

  async #claimNext(): Promise<Assignment | undefined> {
    const lease = () => ({ lease_owner: this.leaseOwner, lease_expires_at: this.leaseUntil() });
    return claimNextInvocation(this.#parts, lease);
  }

  async #runToEnd(assignment: Assignment, run: Run): Promise<void> {
    try {
      const result = await this.#attempt(assignment, run);
      const recording = { leaseOwner: this.leaseOwner, isStopping: () => this.#stopping };
      if (!run.taken) await finalizeRun(this.#parts, recording, assignment, result);
    } catch (error) {
      // The lease is no longer renewed and lapses: a sweep voids the hold.
      this.#logFailure(error, "the end of an invocation could not be recorded");
    }
  }

  /**
   * A fault of the server's own ends the invocation too: nobody's money waits for a lease to lapse.
   */
  async #attempt(assignment: Assignment, run: Run): Promise<PipelineResult> {
    const { invocation, version, input } = assignment;
    const { pipeline, output_schema: outputSchema } = version;
    const refusals = { declared: version.refusals, takesAny: version.execution_mode === "source" };
    const onStep = (step: number, of: number) => {
      run.step = { step, of };
      this.#events.emit("step", invocation.id, run.step);
    };
    try {
      const texts = storedTexts(this.#parts.store, invocation.version_id);
      const egress = this.#parts.egress.open(egressOf(assignment));
      run.egress = egress;
      const { signal } = run.abort;
      const result = await this.#parts.runner.run({
        texts,
        pipeline,
        input,
        outputSchema,
        refusals,
        egress,
        signal,
        onStep,
      });
      const checked = await unlessAborted(
        checkedResult(this.#parts.schemas, assignment, result),
        signal,
      );
      return checked ?? lostAt(pipeline.length);
    } catch (error) {
      this.#logFailure(error, "an invocation could not be run");
      return { ...lostAt(run.step?.step ?? 1), verdict: "crash" };
    }
  }

  #freeReserved(): void {
    this.#reserved--;
    this.#events.emit("free");
  }

  #logFailure(error: unknown, what: string): undefined {
    this.#parts.log.error({ err: error }, what);
  }
}
