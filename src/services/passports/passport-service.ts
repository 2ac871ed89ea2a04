import type { NewPassport, Passport } from "../../../storage/repositories/passports.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import { type Caller, requireAgentScopes } from "../../domain/identity/caller.ts";
import { requireService, type ServiceGrant } from "../../domain/identity/passport.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { type PassportClaims, signPassport } from "../../tokens/passport-token.ts";
import { requireActiveAgent, requireStillAuthorized } from "../auth/live-authorization.ts";
import { requireOwnAgent } from "../auth/own-agent.ts";
import type { TokenAuthenticator } from "../auth/token-authenticator.ts";
import { type Page, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";
import { handOn } from "./delegation.ts";
import {
  auditPassport,
  type DelegateRequest,
  grantPassport,
  type IssueRequest,
  servicesOf,
} from "./grant-passport.ts";
import {
  claimsFor,
  firstEnd,
  intervalOf,
  requireIntent,
  requireOwnPassport,
  requireRenewable,
} from "./passport-rules.ts";
import { claimsOf, type PassportView, viewOf } from "./passport-view.ts";

export interface IssuedPassport {
  readonly token: string;
  readonly jti: string;
  readonly session_id: string;
  readonly expires_at: string;
}

export interface PassportParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly tokens: TokenAuthenticator;
  /** The name of the signer in the tokens. */
  readonly issuer: () => string;
  readonly clock: Clock;
}

/**
 * Issues, delegates, verifies and refreshes passports. A passport is named by its jti; a token is a
 * signed copy of it.
 */
export class PassportService {
  readonly #parts: PassportParts;

  constructor(parts: PassportParts) {
    this.#parts = parts;
  }

  /**
   * Issues a passport to an agent of the operator; an agent issues only its own. Throws NOT_FOUND,
   * PASSPORT_BLOCKED, ACCOUNTABILITY_REQUIRED, SCOPE_ESCALATION for rights that the agent lacks,
   * FORBIDDEN for a passport, which delegates instead.
   */
  async issue(caller: Caller, request: IssueRequest): Promise<IssuedPassport> {
    if (caller.passport)
      throw new DomainError(
        "FORBIDDEN",
        "A passport cannot issue passports: stack_delegate_passport delegates it.",
      );
    const jti = newId("pp");
    return this.#sign(
      await this.#parts.store.transact([caller.operatorId], (t) =>
        this.issueWithin(t, caller, { request, jti }),
      ),
    );
  }

  /**
   * The same inside a transaction that has more to do: what the passport says, for `token` to sign.
   */
  async issueWithin(
    t: Transaction,
    caller: Caller,
    {
      request,
      jti,
      missionId = null,
    }: { readonly request: IssueRequest; readonly jti: string; readonly missionId?: string | null },
  ): Promise<PassportClaims> {
    requireAgentScopes(caller);
    await requireStillAuthorized(t, caller, this.#parts.clock.now());
    const agent = await requireOwnAgent(t, caller, request.agent_id);
    requireActiveAgent(agent);
    requireIntent(agent.accountability_mode, request.intent);
    const given: ServiceGrant[] = await t.agents.grants(agent.id);
    const services = request.scopes
      ? servicesOf(request)
      : given.map(({ connection_id, scopes }) => ({ connection_id, scopes }));
    for (const service of services) requireService(given, service);
    const now = this.#parts.clock.now();
    const interval = intervalOf(agent.accountability_mode, request.checkpoint_interval_seconds);
    const endsAt = now + request.ttl_seconds * 1_000;
    const passport: NewPassport = {
      jti,
      operator_id: caller.operatorId,
      agent_id: agent.id,
      session_id: newId("ses"),
      parent_jti: null,
      depth: 0,
      issuer: this.#parts.issuer(),
      services,
      claim_ids: await claimsFor(t, caller, request.identity_claim_ids, now),
      intent: request.intent ?? null,
      accountability: agent.accountability_mode,
      checkpoint_interval: interval ?? null,
      mandate: request.mandate ?? null,
      mission_id: missionId,
      issued_at: now,
      expires_at: firstEnd(now, endsAt, agent.accountability_mode, interval),
      ends_at: endsAt,
    };
    return grantPassport(t, caller, { action: "passport.issue", passport, now });
  }

  /**
   * Delegates a passport to another agent of the same operator, with at most its scopes, claims,
   * mandate and time, and no laxer accountability. Throws what opening the parent throws,
   * DELEGATION_DEPTH_EXCEEDED, SCOPE_ESCALATION, DELEGATION_ACCOUNTABILITY_VIOLATION,
   * ACCOUNTABILITY_REQUIRED, NOT_FOUND.
   */
  async delegate(caller: Caller, request: DelegateRequest): Promise<IssuedPassport> {
    const { lineage } = await this.#parts.tokens.openPassport(request.parent_token);
    const [held] = lineage as [Passport];
    this.#requireHeld(caller, held);
    requireAgentScopes(caller);
    const jti = newId("pp");
    const issuer = this.#parts.issuer();
    const claims = await this.#parts.store.transact([caller.operatorId], async (t) => {
      const now = this.#parts.clock.now();
      await requireStillAuthorized(t, caller, now);
      return handOn(t, caller, { request, heldJti: held.jti, jti, issuer, now });
    });
    return this.#sign(claims);
  }

  /**
   * Verifies a passport for a caller that was shown its token. Throws what `openPassport` throws.
   */
  async verify(token: string, serviceId: string | undefined) {
    const { claims } = await this.#parts.tokens.openPassport(token);
    const allowed =
      serviceId === undefined ||
      claims.stk.services.some(
        (service) => service.service_id === serviceId || service.service_name === serviceId,
      );
    return {
      valid: allowed,
      reason: allowed ? undefined : "The passport does not grant this service.",
      jti: claims.jti,
      agent_id: claims.stk.agent_id,
      operator_id: claims.stk.operator_id,
      session_id: claims.stk.session_id,
      expires_at: isoTime(claims.exp * 1_000),
      claims: claims as unknown as Record<string, unknown>,
    };
  }

  /**
   * Refreshes a passport, at the latest a day after its end: for its operator, or for its agent
   * with a signed request, never for the passport itself. The passport keeps its jti, session,
   * lineage and its spent cents. Throws NOT_FOUND, PASSPORT_REVOKED, PASSPORT_EXPIRED,
   * PASSPORT_BLOCKED, FORBIDDEN for a passport.
   */
  async refresh(
    caller: Caller,
    named: { readonly jti: string; readonly ttl_seconds: number },
  ): Promise<IssuedPassport> {
    if (caller.passport) {
      const message =
        "A passport cannot refresh itself: its operator refreshes it, or its agent by a signed request.";
      throw new DomainError("FORBIDDEN", message);
    }
    requireAgentScopes(caller);
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const now = this.#parts.clock.now();
      await requireStillAuthorized(t, caller, now);
      const passport = await requireOwnPassport(t, caller, named.jti);
      requireRenewable(passport, now);
      requireActiveAgent(await requireOwnAgent(t, caller, passport.agent_id));
      const parent =
        passport.parent_jti === null ? undefined : await t.passports.find(passport.parent_jti);
      const endsAt = Math.min(
        now + named.ttl_seconds * 1_000,
        parent?.expires_at ?? Number.MAX_SAFE_INTEGER,
      );
      if (endsAt <= now)
        throw new DomainError(
          "PASSPORT_EXPIRED",
          "The parent passport has expired: refresh the parent first.",
        );
      const interval = passport.checkpoint_interval ?? undefined;
      const owesReport =
        caller.agent !== undefined &&
        passport.accountability === "enforced" &&
        interval !== undefined;
      if (owesReport && passport.expires_at <= now)
        throw new DomainError(
          "PASSPORT_EXPIRED",
          "The passport's report is overdue. Its operator can refresh the passport.",
        );
      // An agent's refresh is no report: until the next one is due it lives, and no longer.
      const due = firstEnd(now, endsAt, passport.accountability, interval);
      const expires_at = owesReport ? Math.min(passport.expires_at, endsAt) : due;
      await t.passports.extend(passport.jti, { expires_at, ends_at: endsAt });
      await auditPassport(t, caller, "passport.refresh", { ...passport, expires_at });
    });
    return this.token(named.jti);
  }

  /** Lists valid passports. An agent sees its own, a passport the ones of its session. */
  async listActive(
    caller: Caller,
    request: PageRequest & {
      readonly agent_id?: string | undefined;
      readonly session_id?: string | undefined;
    },
  ): Promise<Page<PassportView>> {
    requireCursor("pp", request.cursor);
    const selection = {
      operatorId: caller.operatorId,
      agentId: caller.passport ? request.agent_id : (caller.agent?.id ?? request.agent_id),
      sessionId: caller.passport?.sessionId ?? request.session_id,
      beforeJti: request.cursor,
    };
    const found = await this.#parts.store.read((r) =>
      r.passports.listActive(selection, request.limit),
    );
    return pageOf(found.slice(0, request.limit).map(viewOf), found.length, ({ jti }) => jti);
  }

  /** Signs a token of a passport's present state. */
  async token(jti: string): Promise<IssuedPassport> {
    const { store, clock } = this.#parts;
    const claims = await store.read(async (r) => {
      const found = await r.passports.find(jti);
      if (!found) throw new DomainError("NOT_FOUND");
      if (found.revoked_at !== null || found.checked_out_at !== null)
        throw new DomainError("PASSPORT_REVOKED");
      return claimsOf(r, found, clock.now());
    });
    return this.#sign(claims);
  }

  async #sign(claims: PassportClaims): Promise<IssuedPassport> {
    const token = await signPassport(claims, await this.#parts.keys.active());
    const { jti, exp, stk } = claims;
    return { token, jti, session_id: stk.session_id, expires_at: isoTime(exp * 1_000) };
  }

  /** Throws unless the caller is the passport itself, its agent or its operator. */
  #requireHeld({ operatorId, agent, passport }: Caller, held: Passport): void {
    const isOwn = passport ? held.jti === passport.jti : !agent || held.agent_id === agent.id;
    if (held.operator_id === operatorId && isOwn) return;
    throw new DomainError(
      "FORBIDDEN",
      "Only the holder of a passport, or its operator, delegates it.",
    );
  }
}
