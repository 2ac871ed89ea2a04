import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../../storage/repositories/sealed-blobs.ts";
import type { ListedSkill } from "../../../../storage/repositories/skills.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { isRunHere } from "../../../domain/market/skill.ts";
import type { PlanLimits } from "../../../domain/money/plans.ts";
import type { Clock } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { JsonObject } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Payload } from "../../../shared/payload.ts";
import { requireStillAuthorized } from "../../auth/live-authorization.ts";
import type { VersionPin } from "../../skills/skill-service.ts";
import { serverProviders } from "../../skills/version-needs.ts";
import { countHold } from "../../wallet/spending.ts";
import { requireFreeComputeLeft, takeFreeCompute } from "../run/free-compute.ts";
import type { InvocationWorker, Slot } from "../run/invocation-worker.ts";
import type { Terms } from "./admission.ts";
import { joinSame, type SameCall } from "./same-call.ts";

export interface InvokeRequest extends VersionPin {
  readonly skill_id: string;
  readonly input: JsonObject;
  readonly agent_id?: string | undefined;
  readonly passport_id?: string | undefined;
  /** The buyer address of STACK's older skills API: recorded, nothing more. */
  readonly payment_token?: string | undefined;
  readonly max_charge_cents?: number | undefined;
  readonly wait_ms: number;
}

/** An invocation on its way to being recorded. */
export interface Order {
  /** Id of the invocation that the order becomes. */
  readonly id: string;
  readonly caller: Caller;
  readonly request: InvokeRequest;
  readonly listed: ListedSkill;
  readonly terms: Terms;
  /** True: the operator has to approve the order first. */
  readonly waits: boolean;
  readonly input: Payload;
  /** The marks of a repeated call; undefined for a run of its own. */
  readonly call: SameCall | undefined;
  /** The slot in which the order runs at once; without a slot it waits for its turn. */
  readonly slot: Slot | undefined;
}

interface RecordingParts {
  readonly worker: InvocationWorker;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
}

/**
 * Records an order in one transaction: caps, the row, its hold and its audit row. Returns the id of
 * the invocation, or of the one that an identical call started meanwhile.
 */
export async function recordOrder(
  t: Transaction,
  parts: RecordingParts,
  order: Order,
): Promise<string> {
  const { caller, request, listed, terms, input, slot } = order;
  const { skill, version } = listed;
  const first = await joinSame(t, order.call, parts.clock.now());
  if (first !== undefined) return first;
  // Here, because its times count from the moment in which it is recorded.
  const invocation = newInvocation(parts, order);
  if (invocation.awaits_approval === 1) await requireApprovalRoom(t, caller);
  else if (!slot) await requireQueueRoom(t, caller);
  const { id, buyer_id: operatorId, input_digest, agent_id, passport_id } = invocation;
  const rights = await requireStillAuthorized(t, caller, parts.clock.now());
  if (rights?.allowedSkills && !rights.allowedSkills.includes(skill.id))
    throw new DomainError("UNAUTHORIZED_SKILL_ACCESS");
  const { id: skillId, publisher_id: publisherId } = skill;
  await countHold(t, invocation, { skillId, publisherId, holdCents: terms.holdCents });
  if (isRunHere(version.execution_mode)) {
    const cap = parts.limitsOf(caller.plan).free_compute_micro_usd_per_day;
    const { created_at: now } = invocation;
    if (terms.priceCents === 0)
      await takeFreeCompute(t, caller, { now, microUsd: terms.microUsd, cap });
    else await requireFreeComputeLeft(t, caller, now, cap);
  }
  await t.invocations.insert(invocation);
  await t.sealed.insert(sealedOwner.input(id), input.json);
  if (request.payment_token !== undefined) {
    await t.sealed.insert(sealedOwner.paymentToken(id), request.payment_token);
  }
  const { holdCents } = terms;
  await t.ledger.record(
    { kind: "hold", ref: id, operatorId, amountCents: holdCents },
    {
      operatorId,
      action: "skill.invoke",
      outcome: "pending",
      agentId: agent_id ?? undefined,
      passportJti: passport_id ?? undefined,
      details: {
        invocation_id: id,
        skill_id: skill.id,
        digest: version.digest,
        input_digest,
        hold_cents: holdCents,
      },
    },
  );
  if (slot) t.onCommit(() => slot.run({ invocation, version, input }));
  return id;
}

function newInvocation(
  parts: RecordingParts,
  { id, caller, request, listed, terms, waits, input, call, slot }: Order,
): Invocation {
  const { skill, version } = listed;
  const { worker, clock } = parts;
  const now = clock.now();
  return {
    id,
    skill_id: skill.id,
    version_id: version.id,
    buyer_id: caller.operatorId,
    publisher_id: skill.publisher_id,
    execution_mode: version.execution_mode,
    agent_id: caller.agent?.id ?? request.agent_id ?? null,
    passport_id: caller.passport?.jti ?? null,
    session_id: caller.passport?.sessionId ?? null,
    awaits_approval: waits ? 1 : 0,
    status: slot ? "processing" : "pending",
    price_cents: terms.priceCents,
    reserve_cents: terms.reserveCents,
    compute_cents: 0,
    compute_micro_usd: terms.microUsd,
    progress: null,
    publisher_cents: 0,
    service_reserve_cents: terms.serviceCents,
    service_cents: 0,
    service_markup_cents: 0,
    providers: serverProviders(version).sort().join(","),
    input_digest: input.digest,
    input_chars: input.json.length,
    output_digest: null,
    stand_in: 0,
    verdict: null,
    refusal_code: null,
    failed_step: null,
    failed_line: null,
    failed_limit: null,
    usage: null,
    isolation: null,
    lease_owner: slot ? worker.leaseOwner : null,
    lease_expires_at: slot ? worker.leaseUntil() : null,
    created_at: now,
    started_at: slot ? now : null,
    completed_at: null,
    expires_at: now + version.invocation_ttl_seconds * 1_000,
    call_digest: call?.digest ?? null,
    calls: 1,
    erased_at: null,
  };
}

async function requireApprovalRoom(t: Transaction, caller: Caller): Promise<void> {
  if ((await t.invocations.countAwaiting(caller.operatorId)) < LIMITS.pendingPerBuyer) return;
  throw new DomainError(
    "RATE_LIMITED",
    `${LIMITS.pendingPerBuyer} invocations wait for approval, which is the maximum. Some need a decision first.`,
  );
}

async function requireQueueRoom(t: Transaction, caller: Caller): Promise<void> {
  if ((await t.invocations.countPending(caller.operatorId)) >= LIMITS.pendingPerBuyer) {
    throw new DomainError(
      "RATE_LIMITED",
      `You have ${LIMITS.pendingPerBuyer} waiting invocations, which is the maximum. Some must end first.`,
    );
  }
  if ((await t.invocations.countPending()) >= LIMITS.pendingTotal)
    throw new DomainError("RATE_LIMITED");
}
