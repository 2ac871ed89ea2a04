import { EventEmitter, once } from "node:events";
import type { Invocation } from "../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Store } from "../../../storage/store.ts";
import { type PlannedStep, providersOf } from "../../domain/skill.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import type { Clock } from "../../shared/clock.ts";
import { newId } from "../../shared/ids.ts";
import { digestOf, type Json } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import { completeInvocation, type Failure, failInvocation } from "./endings.ts";
import type { PipelineResult, PipelineRunner } from "./pipeline-runner.ts";

const QUEUE_PAGE = 20;

/** What a process needs to know to run an invocation that it holds the lease of. */
export interface Assignment {
  readonly invocation: Invocation;
  readonly pipeline: readonly PlannedStep[];
  readonly outputSchema: Json;
  readonly input: Json;
}

export interface StepReport {
  readonly step: number;
  readonly of: number;
}

interface Run {
  readonly abort: AbortController;
  step: StepReport | undefined;
}

/** Runs sealed invocations under leases: as many at once as it has slots, others stay rows in the queue. */
export class InvocationWorker {
  /** Names this process on its leases. */
  readonly leaseOwner = newId("proc");
  readonly #parts: WorkerParts;
  readonly #events = new EventEmitter<{ step: [invocationId: string, report: StepReport]; free: [] }>();
  readonly #running = new Map<string, Run>();
  #reserved = 0;
  #stopping = false;
  #abandoning = false;
  #lookAgain = false;
  #draining = false;
  #unsubscribe: (() => void) | undefined;
  #renewal: NodeJS.Timeout | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#events.setMaxListeners(0);
  }

  /** Begins to take work from the queue. */
  start(): void {
    this.#unsubscribe = this.#parts.store.changes.subscribe(() => void this.drain());
    this.#renewal = setInterval(() => void this.#keepUp(), LIMITS.sealedRenewMs);
    this.#renewal.unref();
    void this.drain();
  }

  /** Lets running work end until `graceMs` have passed, then ends it: children die, holds are voided. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#unsubscribe?.();
    const timer = setTimeout(() => {
      this.#abandoning = true;
      for (const run of this.#running.values()) run.abort.abort();
    }, graceMs);
    while (this.#running.size + this.#reserved > 0) await once(this.#events, "free");
    clearTimeout(timer);
    clearInterval(this.#renewal);
  }

  /** Takes a free slot, to be given back or used by `run`. */
  tryReserveSlot(): boolean {
    if (this.#stopping || this.#running.size + this.#reserved >= this.#parts.slots) return false;
    this.#reserved++;
    return true;
  }

  releaseSlot(): void {
    this.#freeReserved();
    void this.drain();
  }

  leaseUntil(): number {
    return this.#parts.clock() + LIMITS.sealedLeaseMs;
  }

  /** Uses a reserved slot. The invocation is `processing` under this worker's lease. */
  run(assignment: Assignment): void {
    const { id } = assignment.invocation;
    const abort = new AbortController();
    this.#reserved--;
    const run: Run = { abort, step: undefined };
    this.#running.set(id, run);
    if (this.#abandoning) abort.abort();
    void this.#runToEnd(assignment, run).finally(() => {
      this.#running.delete(id);
      this.#events.emit("free");
      void this.drain();
    });
  }

  /** Tells of an invocation's steps as they begin, the one that runs now included. Returns how to stop. */
  onStep(invocationId: string, listener: (report: StepReport) => void): () => void {
    const relevant = (id: string, report: StepReport) => id === invocationId && listener(report);
    this.#events.on("step", relevant);
    const now = this.#running.get(invocationId)?.step;
    if (now) listener(now);
    return () => this.#events.off("step", relevant);
  }

  /** Starts queued work while there are slots. A call during another one makes that one look again. */
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

  async #startQueued(): Promise<void> {
    while (this.tryReserveSlot()) {
      const assignment = await this.#claimNext().catch((error: unknown) =>
        this.#logFailure(error, "claiming work failed"),
      );
      if (!assignment) return this.#freeReserved();
      this.run(assignment);
    }
  }

  async #claimNext(): Promise<Assignment | undefined> {
    const { store, llm, clock } = this.#parts;
    const queued = await store.read((r) => r.invocations.listQueued(clock(), QUEUE_PAGE));
    for (const { id, pipeline } of queued) {
      if (!llm.canServe(providersOf(pipeline))) continue;
      const lease = {
        status: "processing",
        lease_owner: this.leaseOwner,
        lease_expires_at: this.leaseUntil(),
      } as const;
      const claimed = await store.transact((t) =>
        t.invocations.update(id, { status: "pending" }, { ...lease, started_at: clock() }),
      );
      if (claimed) return this.#assign(claimed, pipeline);
    }
    return undefined;
  }

  async #assign(invocation: Invocation, pipeline: readonly PlannedStep[]): Promise<Assignment> {
    return this.#parts.store.read(async (r) => ({
      invocation,
      pipeline,
      outputSchema: (await r.skills.getVersion(invocation.version_id)).output_schema,
      input: JSON.parse(await r.sealed.open(sealedOwner.input(invocation.id))) as Json,
    }));
  }

  async #runToEnd(assignment: Assignment, run: Run): Promise<void> {
    const { invocation, pipeline, input } = assignment;
    try {
      const result = await this.#parts.runner.run({
        versionId: invocation.version_id,
        pipeline,
        input,
        signal: run.abort.signal,
        onStep: (step, of) => {
          run.step = { step, of };
          this.#events.emit("step", invocation.id, run.step);
        },
      });
      await this.#record(assignment, await this.#checked(assignment, result));
    } catch (error) {
      // The lease is no longer renewed and lapses: the sweep voids the hold.
      this.#logFailure(error, "an invocation could not be recorded");
    }
  }

  /** The output has to fit its schema, and to be JSON that has a canonical form, before a cent moves. */
  async #checked(assignment: Assignment, result: PipelineResult): Promise<PipelineResult> {
    if (result.kind === "failed") return result;
    const misfits = await this.#parts.schemas.misfits(assignment.outputSchema, result.output);
    if (misfits.length === 0 && hasCanonicalForm(result.output)) return result;
    return { kind: "failed", verdict: "output_invalid", step: assignment.pipeline.length, line: undefined };
  }

  async #record({ invocation }: Assignment, result: PipelineResult): Promise<void> {
    const { store, clock, log } = this.#parts;
    const guard = { status: "processing", leaseOwner: this.leaseOwner } as const;
    const recorded = await store.transact((t) =>
      result.kind === "ok"
        ? completeInvocation(t, invocation, guard, result, clock())
        : failInvocation(t, invocation, guard, result satisfies Failure, clock()),
    );
    if (!recorded) log.warn({ invocation_id: invocation.id }, "the lease was lost before the result was recorded");
  }

  #freeReserved(): void {
    this.#reserved--;
    this.#events.emit("free");
  }

  async #keepUp(): Promise<void> {
    void this.drain();
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    await this.#parts.store
      .transact((t) => t.invocations.renewLeases(ids, this.leaseOwner, this.leaseUntil()))
      .catch((error: unknown) => this.#logFailure(error, "renewing leases failed"));
  }

  #logFailure(error: unknown, what: string): undefined {
    this.#parts.log.error({ err: error }, what);
  }
}

export interface WorkerParts {
  readonly store: Store;
  readonly runner: PipelineRunner;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly clock: Clock;
  readonly log: Logger;
  readonly slots: number;
}

function hasCanonicalForm(value: Json): boolean {
  try {
    digestOf(value);
    return true;
  } catch {
    return false;
  }
}
