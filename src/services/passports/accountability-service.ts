import type { Checkout } from "../../../storage/repositories/checkouts.ts";
import type { Passport } from "../../../storage/repositories/passports.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import { actorOf, type Caller } from "../../domain/identity/caller.ts";
import type { CheckoutBucket, CheckoutStatus } from "../../domain/identity/passport.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { requireStillAuthorized, requireValidChain } from "../auth/live-authorization.ts";
import { byId, type Page, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import { MAX_NAMED, reviewCheckout } from "./checkout-review.ts";
import { firstEnd, requireOwnPassport } from "./passport-rules.ts";
import type { PassportService } from "./passport-service.ts";
import type { RevocationService } from "./revocation-service.ts";

export interface CheckpointReport {
  readonly jti: string;
  readonly services_used: readonly string[];
  readonly actions_count: number;
  /** Agents. */
  readonly delegated_to: readonly string[];
  readonly summary: string;
}

export interface CheckoutView {
  readonly id: string;
  readonly jti: string;
  readonly agent_id: string;
  readonly bucket: CheckoutBucket;
  readonly findings: readonly string[];
  /** The agent's own summary. */
  readonly summary?: string;
  readonly status: CheckoutStatus;
  readonly created_at: string;
  readonly reviewed_at: string | null;
}

export interface AccountabilityParts {
  readonly store: Store;
  readonly passports: PassportService;
  readonly revocations: RevocationService;
  readonly clock: Clock;
}

/** Takes the reports of agents and compares them with their intent. */
export class AccountabilityService {
  readonly #parts: AccountabilityParts;

  constructor(parts: AccountabilityParts) {
    this.#parts = parts;
  }

  /**
   * Records a checkpoint. For an enforced passport the result has a new token, valid until the next
   * report is due and at most until the passport's end. For any other passport the report is stored
   * and changes nothing. Throws NOT_FOUND, PASSPORT_REVOKED, PASSPORT_EXPIRED.
   */
  async checkpoint(caller: Caller, report: CheckpointReport) {
    const { store, passports, clock } = this.#parts;
    const { passport, undeclared } = await store.transact([caller.operatorId], async (t) => {
      await requireStillAuthorized(t, caller, clock.now());
      const current = await requireOwnPassport(t, caller, report.jti);
      requireValidChain([current], clock.now());
      const strange = current.intent
        ? report.services_used.filter((name) => !current.intent?.services.includes(name))
        : [];
      const { jti, services_used, actions_count } = report;
      await t.missions.insertCheckpoint({
        jti,
        services_used,
        actions_count,
        undeclared: strange,
      });
      const interval = current.checkpoint_interval ?? undefined;
      const expiresAt = firstEnd(clock.now(), current.ends_at, current.accountability, interval);
      if (expiresAt !== current.expires_at)
        await t.passports.extend(jti, { expires_at: expiresAt });
      const details = {
        actions_count,
        services_used: services_used.length,
        undeclared: strange.slice(0, MAX_NAMED),
        undeclared_count: strange.length,
        delegated_to: report.delegated_to.length,
      };
      await audit(t, caller, {
        action: "passport.checkpoint",
        passport: current,
        ok: strange.length === 0,
        details,
      });
      return { passport: current, undeclared: strange };
    });
    const renewed =
      passport.accountability === "enforced" ? await passports.token(report.jti) : undefined;
    return {
      jti: report.jti,
      undeclared_services: undeclared,
      ...(renewed ? { token: renewed.token } : {}),
      expires_at: renewed?.expires_at ?? isoTime(passport.expires_at),
    };
  }

  /**
   * Records the last report: the passport ends, and the passports delegated from it. The reports
   * are compared with the intent. Throws NOT_FOUND, PASSPORT_REVOKED.
   */
  async checkout(
    caller: Caller,
    { jti, summary }: { readonly jti: string; readonly summary?: string | undefined },
  ) {
    const { store, revocations, clock } = this.#parts;
    const id = newId("chk");
    await store.transact([caller.operatorId], async (t) => {
      await requireStillAuthorized(t, caller, clock.now());
      const passport = await requireOwnPassport(t, caller, jti);
      if (passport.revoked_at !== null || passport.checked_out_at !== null)
        throw new DomainError("PASSPORT_REVOKED");
      const { bucket, findings } = reviewCheckout(
        passport,
        await t.missions.checkpoints(jti),
        clock.now(),
      );
      await t.passports.checkOut(jti);
      const status = bucket === "clean" ? "closed" : "pending";
      const { operator_id, agent_id } = passport;
      if (summary !== undefined) await t.sealed.insert(sealedOwner.checkout(id), summary);
      await t.checkouts.insert({ id, operator_id, agent_id, jti, bucket, findings, status });
      const details = {
        checkout_id: id,
        bucket,
        findings,
        ...(summary === undefined ? {} : { summary_chars: summary.length }),
      };
      await audit(t, caller, {
        action: "passport.checkout",
        passport,
        ok: bucket === "clean",
        details,
      });
      const order = {
        type: "single",
        target: jti,
        reason: "Checked out",
        selection: { jti },
      } as const;
      await revocations.within(t, caller, order);
    });
    return this.#show(id);
  }

  async listCheckouts(
    caller: Caller,
    request: PageRequest & {
      readonly status?: CheckoutStatus | undefined;
      readonly agent_id?: string | undefined;
    },
  ): Promise<Page<CheckoutView>> {
    requireCursor("chk", request.cursor);
    const { status, agent_id: agentId, cursor: beforeId, limit } = request;
    const filter = { operatorId: caller.operatorId, status, agentId, beforeId, limit };
    return this.#parts.store.read(async (r) => {
      const found = await r.checkouts.list(filter);
      const items = [];
      for (const checkout of found.slice(0, limit)) items.push(await viewOf(r, checkout));
      return pageOf(items, found.length, byId);
    });
  }

  /**
   * Reviews a checkout: `block` keeps the agent from passports and revokes the ones it has.
   * Throws NOT_FOUND, INVALID_REQUEST.
   */
  async review(
    caller: Caller,
    checkoutId: string,
    decision: "approve" | "block",
  ): Promise<CheckoutView> {
    const { store, revocations } = this.#parts;
    await store.transact([caller.operatorId], async (t) => {
      const found = isId("chk", checkoutId) ? await t.checkouts.find(checkoutId) : undefined;
      if (found?.operator_id !== caller.operatorId)
        throw new DomainError(
          "NOT_FOUND",
          "There is no such checkout. stack_list_checkouts lists them.",
        );
      const status = decision === "block" ? "blocked" : "approved";
      if (!(await t.checkouts.review(checkoutId, status))) {
        throw new DomainError(
          "INVALID_REQUEST",
          "The checkout was reviewed already, or needs no review.",
          {
            status: found.status,
          },
        );
      }
      const { agent_id: agentId, jti: passportJti } = found;
      const event = {
        ...actorOf(caller),
        agentId,
        passportJti,
        action: "checkout.review",
      } as const;
      await t.audit.append({
        ...event,
        outcome: "success",
        details: { checkout_id: checkoutId, decision },
      });
      if (decision === "approve") return;
      await t.agents.update(agentId, { passport_blocked: true });
      const selection = { operatorId: caller.operatorId, agentId };
      const order = {
        type: "bulk_agent",
        target: agentId,
        reason: "Blocked at review",
        selection,
      } as const;
      await revocations.within(t, caller, order);
      await revocations.cancelWorkOf(t, caller.operatorId, agentId);
    });
    return this.#show(checkoutId);
  }

  async #show(id: string): Promise<CheckoutView> {
    return this.#parts.store.read(async (r) => {
      const found = await r.checkouts.find(id);
      if (!found) throw new DomainError("NOT_FOUND");
      return viewOf(r, found);
    });
  }
}

async function viewOf(r: Reader, checkout: Checkout): Promise<CheckoutView> {
  const summary = await r.sealed.find(sealedOwner.checkout(checkout.id));
  const { id, jti, agent_id, bucket, findings, status, created_at, reviewed_at } = checkout;
  return {
    id,
    jti,
    agent_id,
    bucket,
    findings,
    ...(summary === undefined ? {} : { summary }),
    status,
    created_at: isoTime(created_at),
    reviewed_at: reviewed_at === null ? null : isoTime(reviewed_at),
  };
}

async function audit(
  t: Transaction,
  caller: Caller,
  {
    action,
    passport: { agent_id: agentId, jti: passportJti },
    ok,
    details,
  }: {
    readonly action: AuditAction;
    readonly passport: Passport;
    readonly ok: boolean;
    readonly details: Record<string, string | number | readonly string[]>;
  },
): Promise<void> {
  const event = { ...actorOf(caller), agentId, passportJti, action } as const;
  await t.audit.append({ ...event, outcome: ok ? "success" : "blocked", details });
}
