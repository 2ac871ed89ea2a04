import type { Guard, Invocation } from "../../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../../storage/repositories/sealed-blobs.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { AuditEvent } from "../../../domain/audit/audit.ts";
import type { AuditAction } from "../../../domain/audit/audit-actions.ts";
import type { Refusal } from "../../../domain/market/refusal.ts";
import { isRunHere } from "../../../domain/market/skill.ts";
import { paidCents, type Split, splitSettlement } from "../../../domain/money/money.ts";
import type { FailureReason, MetLimit } from "../../../domain/runs/invocation.ts";
import type { RunUsage } from "../../../domain/runs/metering.ts";
import { dayOf } from "../../../shared/clock.ts";
import { assert } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import type { JsonObject } from "../../../shared/json.ts";
import type { Payload } from "../../../shared/payload.ts";
import { receiptFacts } from "../../receipts/receipt-facts.ts";
import { giveBackUnspent } from "../../wallet/spending.ts";

export interface Completion {
  readonly output: Payload;
  readonly computeMicroUsd: number;
  /** Cost of the calls with the publisher's credentials. */
  readonly serviceCents: number;
  /** Of a run that happened here. */
  readonly usage?: RunUsage | undefined;
  /** The layers around the sandbox. */
  readonly isolation?: string | undefined;
  readonly standIn: boolean;
}

export interface Failure {
  readonly verdict: FailureReason;
  readonly step?: number | undefined;
  readonly line?: number | undefined;
  /** The bound that the step met. */
  readonly limit?: MetLimit | undefined;
  readonly usage?: RunUsage | undefined;
  readonly isolation?: string | undefined;
  /** Its usage until then; left out when nobody knows, and then it counts at its most. */
  readonly computeMicroUsd?: number | undefined;
  /** A step was answered by the stand-in and not by a model. */
  readonly standIn?: boolean;
  readonly refusal?: Refusal | undefined;
  /** The reason that the provider of an open skill, or the code of a source one, gives. */
  readonly reason?: string | undefined;
  /** Our own sentence on it, for its publisher. */
  readonly cause?: string | undefined;
}

/** Empty lease columns, set together with every state that nobody works under. */
export const NO_LEASE = { lease_owner: null, lease_expires_at: null } as const;

/**
 * Completes an invocation: output, settlement, state and audit rows in one transaction. The caller
 * has checked the output against its schema. Returns false when the guard no longer holds: then
 * somebody else ended the invocation, and nothing changes.
 */
export async function completeInvocation(
  t: Transaction,
  invocation: Invocation,
  {
    guard,
    completion,
    now,
  }: { readonly guard: Guard; readonly completion: Completion; readonly now: number },
): Promise<boolean> {
  const split = await splitOf(t, invocation, completion);
  const { json, digest: outputDigest } = completion.output;
  const changed = await t.invocations.update(invocation.id, guard, {
    status: "completed",
    output_digest: outputDigest,
    compute_cents: split.computeCents,
    compute_micro_usd: completion.computeMicroUsd,
    publisher_cents: split.publisherCents,
    service_cents: split.serviceCents,
    service_markup_cents: split.serviceMarkupCents,
    usage: jsonOrNull(completion.usage),
    isolation: isolationOf(invocation, completion),
    stand_in: completion.standIn ? 1 : 0,
    completed_at: now,
    ...NO_LEASE,
  });
  if (!changed) return false;
  await t.sealed.insert(sealedOwner.output(invocation.id), json);
  const { buyer_id: operatorId, publisher_id: publisherId, id: ref } = invocation;
  const txId = newId("ltx");
  const facts = await receiptFacts(t, changed, { split, txId });
  const told = { invocation_id: ref, skill_id: invocation.skill_id, output_digest: outputDigest };
  const [seq = 0] = await t.ledger.record(
    { kind: "settle", ref, operatorId, publisherId, split, txId },
    ending(invocation, operatorId, {
      action: "skill.settle",
      outcome: "success",
      details: {
        ...told,
        receipt_digest: facts.digest,
        price_cents: split.priceCents,
        compute_cents: split.computeCents,
        service_cents: split.serviceCents + split.serviceMarkupCents,
        stand_in: completion.standIn,
      },
    }),
    ending(undefined, publisherId, {
      action: "skill.earn",
      outcome: "success",
      details: {
        ...told,
        earned_cents: split.publisherCents + split.serviceCents,
      },
    }),
  );
  await t.receipts.insert({ invocation_id: ref, facts: facts.text, audit_seq: seq });
  await giveBackUnspent(t, invocation, paidCents(split));
  await settleFreeCompute(t, invocation, completion.computeMicroUsd);
  if (operatorId !== publisherId) await t.skills.countInvocation(invocation.skill_id);
  return true;
}

/**
 * Fails an invocation: the hold is voided and nobody is charged. Returns false when the guard no
 * longer holds.
 */
export async function failInvocation(
  t: Transaction,
  invocation: Invocation,
  {
    guard,
    failure,
    now,
  }: { readonly guard: Guard; readonly failure: Failure; readonly now: number },
): Promise<boolean> {
  const changed = await t.invocations.update(invocation.id, guard, {
    status: "failed",
    verdict: failure.verdict,
    refusal_code: failure.refusal?.code ?? null,
    stand_in: failure.standIn ? 1 : 0,
    failed_step: failure.step ?? null,
    failed_line: failure.line ?? null,
    failed_limit: jsonOrNull(failure.limit),
    usage: jsonOrNull(failure.usage),
    isolation: isolationOf(invocation, failure),
    compute_micro_usd: failure.computeMicroUsd ?? invocation.compute_micro_usd,
    completed_at: now,
    ...NO_LEASE,
  });
  if (!changed) return false;
  if (failure.reason !== undefined)
    await t.sealed.insert(sealedOwner.reason(invocation.id), failure.reason);
  if (failure.cause !== undefined)
    await t.sealed.insert(sealedOwner.cause(invocation.id), failure.cause);
  await settleFreeCompute(t, invocation, failure.computeMicroUsd);
  await countUncharged(t, invocation, failure.computeMicroUsd ?? 0);
  await voidHold(t, changed, failure.verdict);
  return true;
}

/** Expires an invocation that no provider completed in time. */
export async function expireInvocation(
  t: Transaction,
  invocation: Invocation,
  guard: Guard,
  now: number,
): Promise<boolean> {
  return endUnserved(t, invocation, { guard, status: "expired", now });
}

/**
 * Cancels an invocation. Where the platform bears the compute, a run until then counts at its most.
 */
export async function cancelInvocation(
  t: Transaction,
  invocation: Invocation,
  guard: Guard,
  now: number,
): Promise<boolean> {
  return endUnserved(t, invocation, { guard, status: "cancelled", now });
}

async function endUnserved(
  t: Transaction,
  invocation: Invocation,
  {
    guard,
    status,
    now,
  }: { readonly guard: Guard; readonly status: "expired" | "cancelled"; readonly now: number },
): Promise<boolean> {
  const ran = isRunHere(invocation.execution_mode) && invocation.status === "processing";
  const used = ran ? undefined : 0;
  const changed = await t.invocations.update(invocation.id, guard, {
    status,
    compute_micro_usd: used ?? invocation.compute_micro_usd,
    completed_at: now,
    ...NO_LEASE,
  });
  if (!changed) return false;
  await settleFreeCompute(t, invocation, used);
  await countUncharged(t, invocation, used ?? invocation.compute_micro_usd);
  await voidHold(t, changed, status);
  return true;
}

/** An unpaid run was counted at its most when it was accepted. */
async function settleFreeCompute(
  t: Transaction,
  invocation: Invocation,
  usedMicroUsd: number | undefined,
): Promise<void> {
  if (
    invocation.price_cents > 0 ||
    !isRunHere(invocation.execution_mode) ||
    usedMicroUsd === undefined
  )
    return;
  const { buyer_id, created_at, compute_micro_usd: most } = invocation;
  await t.freeCompute.settle(buyer_id, dayOf(created_at), most, usedMicroUsd);
}

/**
 * Counts an uncharged usage of a priced run: the platform bears it, within the same daily bound.
 */
async function countUncharged(
  t: Transaction,
  invocation: Invocation,
  usedMicroUsd: number,
): Promise<void> {
  if (invocation.price_cents === 0 || !isRunHere(invocation.execution_mode)) return;
  await t.freeCompute.add(invocation.buyer_id, dayOf(invocation.created_at), usedMicroUsd);
}

async function voidHold(t: Transaction, invocation: Invocation, why: string): Promise<void> {
  await giveBackUnspent(t, invocation, 0);
  const { id: ref, buyer_id: operatorId, skill_id } = invocation;
  const facts = await receiptFacts(t, invocation);
  const details = { invocation_id: ref, skill_id, why, receipt_digest: facts.digest };
  const [seq = 0] = await t.ledger.record(
    { kind: "void", ref },
    ending(invocation, operatorId, { action: "skill.void", outcome: "failure", details }),
  );
  await t.receipts.insert({ invocation_id: ref, facts: facts.text, audit_seq: seq });
}

async function splitOf(
  t: Transaction,
  invocation: Invocation,
  completion: Completion,
): Promise<Split> {
  const publisher = await t.operators.find(invocation.publisher_id);
  assert(publisher, "an invocation's publisher exists");
  return splitSettlement({
    priceCents: invocation.price_cents,
    plan: publisher.plan,
    computeMicroUsd: completion.computeMicroUsd,
    reserveCents: invocation.reserve_cents,
    // Nothing was held for a free skill, whose buyer pays nothing.
    serviceCents: invocation.service_reserve_cents === 0 ? 0 : completion.serviceCents,
  });
}

function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Returns the layers around it while it ran; an open skill's provider has its own. */
function isolationOf(
  { execution_mode }: Invocation,
  { isolation }: Pick<Failure, "isolation">,
): string | null {
  return isRunHere(execution_mode) ? (isolation ?? null) : "provider";
}

/** The buyer's rows name the agent that asked for it. */
function ending(
  asked: Invocation | undefined,
  operatorId: string,
  {
    action,
    outcome,
    details,
  }: {
    readonly action: AuditAction;
    readonly outcome: AuditEvent["outcome"];
    readonly details: JsonObject;
  },
): AuditEvent {
  const who = {
    agentId: asked?.agent_id ?? undefined,
    passportJti: asked?.passport_id ?? undefined,
  };
  return { operatorId, ...who, action, outcome, details };
}
