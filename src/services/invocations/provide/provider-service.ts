import type { IdempotencyKey } from "../../../../storage/repositories/idempotency.ts";
import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../../storage/repositories/sealed-blobs.ts";
import type { Reader, Transaction } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { isTerminal } from "../../../domain/runs/invocation.ts";
import type { SchemaChecker } from "../../../schemas/schema-checker.ts";
import { type Clock, isoTime } from "../../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../../shared/errors.ts";
import { isId } from "../../../shared/ids.ts";
import type { Json } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { measure, payloadOf } from "../../../shared/payload.ts";
import { byId, type Page, pageOf, requireCursor } from "../../pagination.ts";
import { requirePayload, requireValidPayload } from "../../validate-payload.ts";
import { type InvocationView, viewInvocation } from "../invocation-view.ts";
import type { ListInvocations, ListPending } from "../list-invocations.ts";
import { completeInvocation, failInvocation } from "../run/finalize-invocation.ts";

/** Inputs longer than this are left out of a listing; claiming shows them whole. */
const LISTED_INPUT_CHARS = 2_000;

export interface PendingItem {
  readonly id: string;
  readonly skill_id: string;
  readonly price_cents: number;
  readonly input?: Json;
  readonly input_chars: number;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface ProviderParts {
  readonly store: Store;
  readonly schemas: SchemaChecker;
  readonly clock: Clock;
}

/**
 * Work on open skills: the provider claims invocations and delivers their output.
 */
export class ProviderService {
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /**
   * Lists runs of the caller's skills as their publisher may see them, newest first: the end of
   * each, never its content.
   */
  async listSales(caller: Caller, request: ListInvocations): Promise<Page<InvocationView>> {
    requireCursor("sinv", request.cursor);
    return this.#parts.store.read(async (r) => {
      const { operatorId } = caller;
      const { status, skill_id: skillId, cursor: beforeId, limit } = request;
      const filter = { operatorId, status, skillId, beforeId, limit };
      const found = await r.invocations.listOf("publisher_id", filter);
      const items = [];
      for (const invocation of found.slice(0, limit)) {
        items.push(
          await viewInvocation(r, invocation, {
            caller,
            now: this.#parts.clock.now(),
            brief: true,
          }),
        );
      }
      return pageOf(items, found.length, byId);
    });
  }

  async listPending(caller: Caller, request: ListPending): Promise<Page<PendingItem>> {
    requireCursor("sinv", request.cursor);
    return this.#parts.store.read(async (r) => {
      const found = await r.invocations.listPending({
        publisherId: caller.operatorId,
        skillId: request.skill_id,
        afterId: request.cursor,
        now: this.#parts.clock.now(),
        limit: request.limit,
      });
      const items = [];
      for (const invocation of found.slice(0, request.limit))
        items.push(await pendingItem(r, invocation));
      return pageOf(items, found.length, byId);
    });
  }

  /**
   * `pending` becomes `processing` under a lease of 5 minutes. Throws INVOCATION_NOT_FOUND,
   * INVOCATION_NOT_OPEN, EXPIRED.
   */
  async claim(
    caller: Caller,
    invocationId: string,
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    return this.#act(caller, invocationId, key, async (t, invocation) => {
      this.#requireTime(invocation);
      if (!(await this.#claim(t, invocation))) throw notOpen(invocation);
    });
  }

  /**
   * Extends the lease of a claim to 5 minutes from now, never past the invocation's expiry, and
   * reports progress to the buyer. Throws INVOCATION_NOT_OPEN without a claim, EXPIRED, or
   * LEASE_LOST.
   */
  async renew(
    caller: Caller,
    invocationId: string,
    report: { readonly progress?: number | undefined; readonly note?: string | undefined },
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    return this.#act(caller, invocationId, key, async (t, current) => {
      this.#requireTime(current);
      if (current.status !== "processing") throw notClaimed(current);
      const guard = { status: "processing", leaseOwner: caller.operatorId } as const;
      const progress =
        report.progress ?? current.progress ?? (report.note === undefined ? null : 0);
      const change = { lease_expires_at: this.#leaseEnd(current), progress };
      if (!(await t.invocations.update(current.id, guard, change)))
        throw new DomainError("LEASE_LOST");
      if (report.note !== undefined)
        await t.sealed.replace(sealedOwner.note(current.id), report.note);
    });
  }

  /**
   * Delivers the output and settles the hold. A `pending` invocation is claimed first. Throws
   * OUTPUT_INVALID (the invocation stays as it is), INVOCATION_NOT_OPEN, EXPIRED, or LEASE_LOST.
   */
  async complete(
    caller: Caller,
    invocationId: string,
    output: Json | undefined,
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    if (output === undefined) throw invalidRequest("output", "output is missing.");
    const given = measure(output);
    requirePayload("output", given, LIMITS.outputBytes);
    const invocation = await this.#own(caller, invocationId);
    const version = await this.#parts.store.read((r) => r.skills.getVersion(invocation.version_id));
    await requireValidPayload(this.#parts.schemas, "OUTPUT_INVALID", {
      schema: version.output_schema,
      value: output,
    });
    const delivered = payloadOf(given);
    return this.#act(caller, invocationId, key, async (t, current) => {
      await this.#requireClaim(t, current);
      const completion = { output: delivered, computeMicroUsd: 0, serviceCents: 0, standIn: false };
      const guard = { status: "processing", leaseOwner: caller.operatorId } as const;
      if (
        !(await completeInvocation(t, current, { guard, completion, now: this.#parts.clock.now() }))
      )
        throw new DomainError("LEASE_LOST");
    });
  }

  /**
   * Ends the invocation as failed: the buyer's hold is voided. Throws INVOCATION_NOT_OPEN, EXPIRED
   * or LEASE_LOST.
   */
  async fail(
    caller: Caller,
    invocationId: string,
    reason: string | undefined,
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    return this.#act(caller, invocationId, key, async (t, current) => {
      await this.#requireClaim(t, current);
      const failure = { verdict: "provider_failed", reason } as const;
      const guard = { status: "processing", leaseOwner: caller.operatorId } as const;
      if (!(await failInvocation(t, current, { guard, failure, now: this.#parts.clock.now() })))
        throw new DomainError("LEASE_LOST");
    });
  }

  /**
   * One transaction around a provider's act; a repeated idempotency key does nothing and shows the
   * current state.
   */
  async #act(
    caller: Caller,
    invocationId: string,
    key: IdempotencyKey | undefined,
    act: (t: Transaction, invocation: Invocation) => Promise<void>,
  ): Promise<InvocationView> {
    const { buyer_id: buyerId } = await this.#own(caller, invocationId);
    await this.#parts.store.transactOnce([buyerId, caller.operatorId], key, async (t) => {
      const current = await t.invocations.find(invocationId);
      if (!current) throw new DomainError("INVOCATION_NOT_FOUND");
      await act(t, current);
      return invocationId;
    });
    const after = await this.#own(caller, invocationId);
    return this.#parts.store.read((r) =>
      viewInvocation(r, after, { caller, now: this.#parts.clock.now() }),
    );
  }

  /** Throws unless the provider has a claim on the invocation, or can claim it now. */
  async #requireClaim(t: Transaction, invocation: Invocation): Promise<void> {
    if (isTerminal(invocation.status)) throw notOpen(invocation);
    this.#requireTime(invocation);
    if (invocation.status === "pending" && !(await this.#claim(t, invocation)))
      throw notOpen(invocation);
  }

  #requireTime(invocation: Invocation): void {
    if (isTerminal(invocation.status) || invocation.expires_at > this.#parts.clock.now()) return;
    throw new DomainError(
      "EXPIRED",
      "The invocation has expired: no provider completed it in time, and the buyer is not charged.",
    );
  }

  /** Returns the end of a claim's lease, at the latest the invocation's expiry. */
  #leaseEnd({ expires_at }: Invocation): number {
    return Math.min(this.#parts.clock.now() + LIMITS.openLeaseMs, expires_at);
  }

  async #claim(t: Transaction, invocation: Invocation): Promise<boolean> {
    const now = this.#parts.clock.now();
    const lease = {
      lease_owner: invocation.publisher_id,
      lease_expires_at: this.#leaseEnd(invocation),
    };
    const change = { status: "processing", started_at: now, ...lease } as const;
    return (await t.invocations.update(invocation.id, { status: "pending" }, change)) !== undefined;
  }

  /**
   * Finds an invocation of the caller's open skill; to every other caller it does not exist here.
   */
  async #own(caller: Caller, invocationId: string): Promise<Invocation> {
    const found = isId("sinv", invocationId)
      ? await this.#parts.store.read((r) => r.invocations.find(invocationId))
      : undefined;
    // What waits for its buyer's operator is not there yet.
    if (!found || found.publisher_id !== caller.operatorId || found.awaits_approval === 1)
      throw new DomainError("INVOCATION_NOT_FOUND");
    if (found.execution_mode !== "open") {
      throw new DomainError(
        "INVOCATION_NOT_OPEN",
        `This invocation is of a ${found.execution_mode} skill: the server runs it.`,
      );
    }
    return found;
  }
}

function notClaimed(invocation: Invocation): DomainError {
  if (isTerminal(invocation.status)) return notOpen(invocation);
  return new DomainError(
    "INVOCATION_NOT_OPEN",
    "The invocation is not claimed: stack_claim_invocation claims it.",
    {
      status: invocation.status,
    },
  );
}

function notOpen(invocation: Invocation): DomainError {
  const { status } = invocation;
  const message =
    status === "processing"
      ? "You have claimed this invocation already: complete it or fail it."
      : `The invocation is over (${status}): nothing more can be done with it.`;
  return new DomainError("INVOCATION_NOT_OPEN", message, { status });
}

async function pendingItem(r: Reader, invocation: Invocation): Promise<PendingItem> {
  const { id, input_chars } = invocation;
  const shown = input_chars <= LISTED_INPUT_CHARS;
  return {
    id,
    skill_id: invocation.skill_id,
    price_cents: invocation.price_cents,
    input: shown ? (JSON.parse(await r.sealed.open(sealedOwner.input(id))) as Json) : undefined,
    input_chars,
    created_at: isoTime(invocation.created_at),
    expires_at: isoTime(invocation.expires_at),
  };
}
