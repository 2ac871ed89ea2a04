import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import type { Invocation } from "../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import { isTerminal } from "../../domain/invocation.ts";
import { type PriceList, reserveCents } from "../../domain/metering.ts";
import { isRunHere, providersOf } from "../../domain/skill.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { digestOf, type JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { SkillService, TrustAnswer } from "../skills/skill-service.ts";
import { type InvocationView, viewInvocation } from "./invocation-view.ts";
import { requireFit, requirePayload } from "./payload.ts";
import type { InvocationWorker, StepReport } from "./worker.ts";

export interface InvokeRequest {
  readonly skill_id: string;
  readonly input: JsonObject;
  readonly agent_id?: string | undefined;
  readonly passport_id?: string | undefined;
  readonly wait_ms: number;
}

/** How a call that may wait is followed and given up. */
export interface WaitOptions {
  readonly signal: AbortSignal;
  readonly idempotency?: IdempotencyKey | undefined;
  readonly progress?:
    | ((report: { readonly progress: number; readonly total?: number; readonly message: string }) => void)
    | undefined;
}

export interface InvocationParts {
  readonly store: Store;
  readonly skills: SkillService;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly worker: InvocationWorker;
  readonly prices: PriceList;
  readonly clock: Clock;
}

/** Buying work: a hold first, then the run, then settlement or void. */
export class InvocationService {
  readonly #parts: InvocationParts;

  constructor(parts: InvocationParts) {
    this.#parts = parts;
  }

  /**
   * Records the invocation durably, then waits up to `wait_ms` for its end. A repeated idempotency key gives the current
   * state of what it made before. Throws SKILL_NOT_FOUND, SKILL_NOT_ACTIVE, TRUST_LEVEL_INSUFFICIENT, INPUT_INVALID,
   * PAYLOAD_TOO_LARGE, PROVIDER_NOT_CONFIGURED, INSUFFICIENT_CREDITS, RATE_LIMITED, IDEMPOTENCY_CONFLICT: all of them
   * before any money is held.
   */
  async invoke(caller: Caller, request: InvokeRequest, options: WaitOptions): Promise<InvocationView> {
    const known = await this.#findRepeated(options.idempotency);
    const id = known ?? (await this.#accept(caller, request, options.idempotency));
    return this.#follow(caller, id, request.wait_ms, options);
  }

  /** Throws INVOCATION_NOT_FOUND for what is neither the caller's purchase nor its work. */
  async check(caller: Caller, invocationId: string, waitMs: number, options: WaitOptions): Promise<InvocationView> {
    return this.#follow(caller, invocationId, waitMs, options);
  }

  async #findRepeated(key: IdempotencyKey | undefined): Promise<string | undefined> {
    return key && this.#parts.store.read((r) => r.idempotency.find(key));
  }

  async #accept(caller: Caller, request: InvokeRequest, key: IdempotencyKey | undefined): Promise<string> {
    const listed = await this.#parts.skills.load(caller, request.skill_id);
    await this.#requireInvocable(caller, listed, request.input);
    const { worker, store } = this.#parts;
    const runsHere = isRunHere(listed.version.execution_mode);
    const hasSlot = runsHere && worker.tryReserveSlot();
    let accepted: { id: string; started: Invocation | undefined };
    try {
      accepted = await store.transact((t) => this.#record(t, caller, request, listed, hasSlot, key));
    } catch (error) {
      if (hasSlot) worker.releaseSlot();
      throw error;
    }
    const { pipeline, output_schema: outputSchema } = listed.version;
    if (accepted.started) worker.run({ invocation: accepted.started, pipeline, outputSchema, input: request.input });
    else if (hasSlot) worker.releaseSlot();
    return accepted.id;
  }

  async #requireInvocable(caller: Caller, { skill, version }: ListedSkill, input: JsonObject): Promise<void> {
    if (skill.status === "suspended" || skill.status === "pending_review") throw new DomainError("SKILL_NOT_ACTIVE");
    const trust = await this.#parts.skills.judgeTrust(caller, version.trust_level_required);
    if (!trust.allowed) throw trustTooLow(trust);
    requirePayload("input", input, LIMITS.inputBytes);
    await requireFit(this.#parts.schemas, "INPUT_INVALID", version.input_schema, input);
    this.#parts.llm.requireAll(providersOf(version.pipeline));
  }

  /** Step 1 of the slice, one transaction: idempotency, caps, the row, its hold and its audit row. */
  async #record(
    t: Transaction,
    caller: Caller,
    request: InvokeRequest,
    { skill, version }: ListedSkill,
    hasSlot: boolean,
    key: IdempotencyKey | undefined,
  ): Promise<{ id: string; started: Invocation | undefined }> {
    const raced = key && (await t.idempotency.find(key));
    if (raced) return { id: raced, started: undefined };
    if (!hasSlot) await requireQueueRoom(t, caller);
    const invocation = this.#newInvocation(caller, request, { skill, version }, hasSlot);
    const { id, buyer_id: operatorId, price_cents, reserve_cents, input_digest } = invocation;
    await t.invocations.insert(invocation);
    await t.sealed.insert(sealedOwner.input(id), JSON.stringify(request.input));
    if (key) await t.idempotency.insert(key, id);
    const holdCents = price_cents + reserve_cents;
    await t.ledger.record(
      { kind: "hold", ref: id, operatorId, amountCents: holdCents },
      {
        operatorId,
        layer: "skills",
        action: "skill.invoke",
        outcome: "pending",
        agentId: request.agent_id,
        details: { invocation_id: id, skill_id: skill.id, digest: version.digest, input_digest, hold_cents: holdCents },
      },
    );
    return { id, started: hasSlot ? invocation : undefined };
  }

  #newInvocation(
    caller: Caller,
    request: InvokeRequest,
    { skill, version }: ListedSkill,
    hasSlot: boolean,
  ): Invocation {
    const now = this.#parts.clock();
    const { worker, prices } = this.#parts;
    const free = version.price_cents === 0;
    const inputChars = JSON.stringify(request.input).length;
    return {
      id: newId("sinv"),
      skill_id: skill.id,
      version_id: version.id,
      buyer_id: caller.operatorId,
      publisher_id: skill.publisher_id,
      execution_mode: version.execution_mode,
      agent_id: request.agent_id ?? null,
      passport_id: request.passport_id ?? null,
      status: hasSlot ? "processing" : "pending",
      price_cents: version.price_cents,
      reserve_cents: free ? 0 : reserveCents(version.pipeline, inputChars, prices),
      compute_cents: 0,
      compute_micro_usd: 0,
      progress: null,
      publisher_cents: 0,
      providers: providersOf(version.pipeline).sort().join(","),
      input_digest: digestOf(request.input),
      input_chars: inputChars,
      output_digest: null,
      stand_in: 0,
      verdict: null,
      failed_step: null,
      failed_line: null,
      lease_owner: hasSlot ? worker.leaseOwner : null,
      lease_expires_at: hasSlot ? worker.leaseUntil() : null,
      created_at: now,
      started_at: hasSlot ? now : null,
      completed_at: null,
      expires_at: now + version.invocation_ttl_seconds * 1_000,
    };
  }

  /** Waits for the end, at most `waitMs`, telling of each step and state on the way. */
  async #follow(caller: Caller, id: string, waitMs: number, options: WaitOptions): Promise<InvocationView> {
    const { store, worker } = this.#parts;
    const deadline = performance.now() + waitMs;
    const stopListening = options.progress ? worker.onStep(id, progressOf(options.progress)) : undefined;
    try {
      for (;;) {
        const mark = store.changes.mark();
        const invocation = await this.#find(caller, id);
        const left = deadline - performance.now();
        if (isTerminal(invocation.status) || left <= 0 || options.signal.aborted) return this.#view(invocation, caller);
        await store.changes.next(mark, left, options.signal);
      }
    } finally {
      stopListening?.();
    }
  }

  async #find(caller: Caller, id: string): Promise<Invocation> {
    const found = isId("sinv", id) ? await this.#parts.store.read((r) => r.invocations.find(id)) : undefined;
    const own = found && (found.buyer_id === caller.operatorId || found.publisher_id === caller.operatorId);
    if (!found || !own) throw new DomainError("INVOCATION_NOT_FOUND");
    return found;
  }

  async #view(invocation: Invocation, caller: Caller): Promise<InvocationView> {
    return this.#parts.store.read((r) => viewInvocation(r, invocation, caller, this.#parts.clock()));
  }
}

function trustTooLow({ evaluation, required_level, your_level }: TrustAnswer): DomainError {
  return new DomainError("TRUST_LEVEL_INSUFFICIENT", evaluation, { required_level, your_level });
}

async function requireQueueRoom(t: Transaction, caller: Caller): Promise<void> {
  if ((await t.invocations.countPending(caller.operatorId)) >= LIMITS.pendingPerBuyer) {
    throw new DomainError(
      "RATE_LIMITED",
      `You have ${LIMITS.pendingPerBuyer} invocations waiting. Let some of them end first.`,
    );
  }
  if ((await t.invocations.countPending()) >= LIMITS.pendingTotal) throw new DomainError("RATE_LIMITED");
}

function progressOf(progress: NonNullable<WaitOptions["progress"]>) {
  return ({ step, of }: StepReport) =>
    progress({ progress: step - 1, total: of, message: `Running step ${step} of ${of}` });
}
