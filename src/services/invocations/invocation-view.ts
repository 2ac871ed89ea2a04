import type { Invocation } from "../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { Refusal } from "../../domain/market/refusal.ts";
import { providersOf } from "../../domain/market/skill.ts";
import {
  chargeNote,
  type FailureReason,
  type InvocationStatus,
  isTerminal,
  type MetLimit,
  pollAfterMs,
  verdictMessage,
} from "../../domain/runs/invocation.ts";
import type { RunUsage } from "../../domain/runs/metering.ts";
import { standInNote } from "../../domain/runs/stand-in-note.ts";
import { asStarted } from "../../shared/as-started.ts";
import { isoTime } from "../../shared/clock.ts";
import type { Json } from "../../shared/json.ts";

export interface InvocationError {
  readonly code: FailureReason;
  readonly message: string;
  /** The bound that the run reached. */
  readonly limit?: MetLimit;
  /** Counted from 1. */
  readonly step?: number;
  /** Of the step's code; of a sealed one only for its publisher. */
  readonly line?: number;
  /**
   * Words of the provider of an open skill, or of the code of a source one; to a publisher, the
   * cause in our words.
   */
  readonly reason?: string;
  /** A refusal that the skill's version declares, in its publisher's words. */
  readonly details?: { readonly refusal: Refusal };
}

export interface InvocationView {
  readonly id: string;
  readonly skill_id: string;
  readonly version: string;
  readonly digest: string;
  readonly status: InvocationStatus;
  /** The agent that asked for it; absent for a person. */
  readonly agent_id?: string;
  readonly passport_id?: string;
  /** Present while the operator has to decide; the page at `url` explains how. */
  readonly approval?: { readonly url?: string; readonly expires_at: string };
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: InvocationError;
  /** Percent, as the provider reports it. */
  readonly progress?: number;
  readonly progress_note?: string;
  readonly price_cents?: number;
  readonly reserve_cents?: number;
  readonly cost_cents?: number;
  readonly compute_cost_cents?: number;
  readonly charged_cents?: number;
  readonly held_cents?: number;
  /** The reasons of its cost. */
  readonly charge_note?: string;
  /** The cost of calls with the publisher's credentials, the platform's 15 % included. */
  readonly service_cost_cents?: number;
  readonly usage?: RunUsage;
  readonly earned_cents?: number;
  readonly commission_cents?: number;
  readonly stand_in?: boolean;
  /** A sentence for the reader, on the origin of the output. */
  readonly note?: string;
  readonly created_at: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly lease_expires_at?: string;
  readonly expires_at: string;
  /** The time at which input and output were erased; their digests stay in the audit log. */
  readonly erased_at?: string;
  readonly poll_after_ms?: number;
}

export interface ViewOptions {
  readonly caller: Caller;
  readonly now: number;
  /** True: without input, output and what explains them, for a list. */
  readonly brief?: boolean;
  /** The page on which its operator approves it. */
  readonly approvalUrl?: string | undefined;
}

/**
 * Returns an invocation as one of its two sides may see it. The buyer sees the output and the
 * costs. The provider of an open skill sees input and output. The publisher of a sealed skill sees
 * the place of a failure, and neither input nor output.
 */
export async function viewInvocation(
  r: Reader,
  invocation: Invocation,
  { caller, now, brief = false, approvalUrl }: ViewOptions,
): Promise<InvocationView> {
  const isBuyer = invocation.buyer_id === caller.operatorId;
  const isPublisher = invocation.publisher_id === caller.operatorId;
  const seesWork = isPublisher && invocation.execution_mode === "open";
  const isErased = invocation.erased_at !== null;
  const version = await r.skills.versionName(invocation.version_id);
  const output =
    (isBuyer || seesWork) && !brief && !isErased ? await outputPart(r, invocation) : {};
  return {
    id: invocation.id,
    skill_id: invocation.skill_id,
    version: version.version,
    digest: version.digest,
    status: invocation.status,
    input:
      seesWork && !brief && !isErased
        ? await openJson(r, sealedOwner.input(invocation.id))
        : undefined,
    ...output,
    ...(await errorPart(r, invocation, { isPublisher, isBuyer, brief })),
    ...(await progressPart(r, invocation)),
    ...(isBuyer ? { ...agentPart(invocation, approvalUrl), ...moneyPart(invocation) } : {}),
    ...(isPublisher && invocation.status === "completed" ? earnedPart(invocation) : {}),
    ...(invocation.usage === null ? {} : { usage: JSON.parse(invocation.usage) as RunUsage }),
    ...(await standInPart(r, invocation, output)),
    ...timesPart(invocation, now),
  };
}

async function standInPart(
  r: Reader,
  { stand_in, version_id }: Invocation,
  { output }: { readonly output?: Json },
) {
  if (stand_in !== 1) return {};
  const { pipeline } = await r.skills.getVersion(version_id);
  return { stand_in: true, note: standInNote(providersOf(pipeline), output) };
}

function agentPart(invocation: Invocation, url?: string) {
  const { id, agent_id, passport_id, expires_at } = invocation;
  return {
    agent_id: agent_id ?? undefined,
    passport_id: passport_id ?? undefined,
    ...(waitsForApproval(invocation)
      ? {
          approval: { url, expires_at: isoTime(expires_at) },
          note: askNote(id, url),
        }
      : {}),
  };
}

/** Tells whether an invocation waits for its operator's approval. */
export function waitsForApproval({ awaits_approval, status }: Invocation): boolean {
  return awaits_approval === 1 && status === "pending";
}

function askNote(id: string, url: string | undefined): string {
  const how =
    url === undefined
      ? asStarted(`Tell the operator: \`stack-mcp approval approve ${id}\` approves it.`)
      : "Show the operator the page at approval.url, which explains how to decide.";
  return `The hold is above the passport's approval threshold: nothing runs until the operator approves the invocation. ${how} Continue with other work, and check again later.`;
}

async function outputPart(r: Reader, invocation: Invocation): Promise<{ output?: Json }> {
  if (invocation.status !== "completed") return {};
  return { output: await openJson(r, sealedOwner.output(invocation.id)) };
}

async function errorPart(
  r: Reader,
  invocation: Invocation,
  {
    isPublisher,
    isBuyer,
    brief,
  }: { readonly isPublisher: boolean; readonly isBuyer: boolean; readonly brief: boolean },
): Promise<{ error?: InvocationError }> {
  const { verdict, failed_step, failed_line, refusal_code: code } = invocation;
  if (verdict === null) return {};
  const refusals = code === null ? {} : (await r.skills.getVersion(invocation.version_id)).refusals;
  const cause = isPublisher ? await r.sealed.find(sealedOwner.cause(invocation.id)) : undefined;
  // A list of sales tells nothing of what its buyers asked for, which a script's own text may have
  // in it.
  const isHeard = isBuyer || !brief;
  const reason =
    cause ?? (isHeard ? await r.sealed.find(sealedOwner.reason(invocation.id)) : undefined);
  const limit =
    invocation.failed_limit === null
      ? undefined
      : (JSON.parse(invocation.failed_limit) as MetLimit);
  const seesLine = isPublisher || invocation.execution_mode === "source";
  return {
    error: {
      code: verdict,
      message: verdictMessage(verdict, limit),
      limit: limit || undefined,
      reason,
      details: code === null ? undefined : { refusal: { code, sentence: refusals[code] ?? "" } },
      step: failed_step ?? undefined,
      line: seesLine && failed_line !== null ? failed_line : undefined,
    },
  };
}

function moneyPart(invocation: Invocation) {
  const completed = invocation.status === "completed";
  const waiting = !isTerminal(invocation.status);
  const cost = completed ? invocation.price_cents : 0;
  const compute = completed ? invocation.compute_cents : 0;
  const services = invocation.service_cents + invocation.service_markup_cents;
  return {
    price_cents: invocation.price_cents,
    reserve_cents: invocation.reserve_cents,
    cost_cents: cost,
    compute_cost_cents: compute,
    service_cost_cents: invocation.service_reserve_cents > 0 ? services : undefined,
    charged_cents: cost + compute + services,
    held_cents: waiting
      ? invocation.price_cents + invocation.reserve_cents + invocation.service_reserve_cents
      : 0,
    charge_note: chargeNote(invocation),
  };
}

function earnedPart({ publisher_cents, price_cents, service_cents }: Invocation) {
  return {
    earned_cents: publisher_cents + service_cents,
    commission_cents: price_cents - publisher_cents,
  };
}

async function progressPart(r: Reader, { id, progress }: Invocation) {
  if (progress === null) return {};
  const note = await r.sealed.find(sealedOwner.note(id));
  return { progress, progress_note: note };
}

function timesPart(invocation: Invocation, now: number) {
  const { started_at, completed_at, lease_expires_at } = invocation;
  const leased = invocation.execution_mode === "open" && lease_expires_at !== null;
  return {
    created_at: isoTime(invocation.created_at),
    started_at: started_at === null ? undefined : isoTime(started_at),
    completed_at: completed_at === null ? undefined : isoTime(completed_at),
    lease_expires_at: leased ? isoTime(lease_expires_at) : undefined,
    expires_at: isoTime(invocation.expires_at),
    erased_at: invocation.erased_at === null ? undefined : isoTime(invocation.erased_at),
    poll_after_ms: isTerminal(invocation.status)
      ? undefined
      : pollAfterMs(now - invocation.created_at),
  };
}

async function openJson(r: Reader, owner: string): Promise<Json> {
  return JSON.parse(await r.sealed.open(owner)) as Json;
}
