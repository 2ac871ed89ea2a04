import type { NewPassport, Passport } from "../../../storage/repositories/passports.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit-actions.ts";
import { actorOf, type Caller, requireAgentScopes } from "../../domain/caller.ts";
import {
  delegate,
  type PassportService as GrantedService,
  type Intent,
  MAX_DELEGATIONS,
  type Mandate,
  requireService,
} from "../../domain/passport.ts";
import { type PassportClaims, signPassport } from "../../passports/passport-token.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { requireOwnAgent } from "../agents/own-agent.ts";
import { type Page, type PageRequest, pageOf, requireCursor } from "../page.ts";
import {
  claimsFor,
  firstEnd,
  intervalOf,
  requireIntent,
  requireOwnPassport,
  requireRenewable,
} from "./passport-rules.ts";
import { claimsOf, type PassportView, requireCarriable, viewOf } from "./passport-view.ts";
import type { SigningKeyService } from "./signing-key-service.ts";
import { agentsOf, requireFit, requireGood, requireStanding, rightsOf } from "./standing.ts";
import type { TokenAccess } from "./token-access.ts";

export interface IssueRequest {
  readonly agent_id: string;
  readonly ttl_seconds: number;
  /** Left out: all that the agent was given. */
  readonly scopes?:
    | readonly { readonly service_connection_id: string; readonly scopes: readonly string[] }[]
    | undefined;
  /** Left out: all that are active. */
  readonly identity_claim_ids?: readonly string[] | undefined;
  readonly intent?: Intent | undefined;
  readonly checkpoint_interval_seconds?: number | undefined;
  readonly mandate?: Mandate | undefined;
}

export interface DelegateRequest extends Omit<IssueRequest, "agent_id"> {
  readonly parent_token: string;
  readonly child_agent_id: string;
}

export interface IssuedPassport {
  readonly token: string;
  readonly jti: string;
  readonly session_id: string;
  readonly expires_at: string;
}

export interface PassportParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly tokens: TokenAccess;
  /** Who signs, as the tokens say it. */
  readonly issuer: () => string;
  readonly clock: Clock;
}

/** Short-lived signed passports: given out, handed on, shown and renewed. A passport is its jti; a token is a signed copy of it. */
export class PassportService {
  readonly #parts: PassportParts;

  constructor(parts: PassportParts) {
    this.#parts = parts;
  }

  /**
   * For an agent of the operator's; an agent asks for its own. Throws NOT_FOUND, PASSPORT_BLOCKED, ACCOUNTABILITY_REQUIRED,
   * SCOPE_ESCALATION for what the agent was not given, FORBIDDEN for a passport, which hands on what it has instead.
   */
  async issue(caller: Caller, request: IssueRequest): Promise<IssuedPassport> {
    if (caller.passport)
      throw new DomainError("FORBIDDEN", "A passport issues none: stack_delegate_passport hands it on.");
    const jti = newId("pp");
    return this.#sign(
      await this.#parts.store.transact([caller.operatorId], (t) => this.issueWithin(t, caller, request, jti)),
    );
  }

  /** The same inside a transaction that has more to do: what the passport says, for `token` to sign. */
  async issueWithin(
    t: Transaction,
    caller: Caller,
    request: IssueRequest,
    jti: string,
    missionId: string | null = null,
  ): Promise<PassportClaims> {
    requireAgentScopes(caller);
    await requireStanding(t, caller, this.#parts.clock.now());
    const agent = await requireOwnAgent(t, caller, request.agent_id);
    requireFit(agent);
    requireIntent(agent.accountability_mode, request.intent);
    const given: GrantedService[] = await t.agents.grants(agent.id);
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
    await t.passports.insert(passport);
    const claims = await claimsOf(t, passport, now);
    requireCarriable(claims);
    await audit(t, caller, "passport.issue", passport);
    return claims;
  }

  /**
   * Hands a passport on to another agent of the same operator, with no more than it has: scopes, claims, mandate, time, and
   * no laxer accountability. Throws what opening the parent throws, DELEGATION_DEPTH_EXCEEDED, SCOPE_ESCALATION,
   * DELEGATION_ACCOUNTABILITY_VIOLATION, ACCOUNTABILITY_REQUIRED, NOT_FOUND.
   */
  async delegate(caller: Caller, request: DelegateRequest): Promise<IssuedPassport> {
    const { lineage } = await this.#parts.tokens.openPassport(request.parent_token);
    const [held] = lineage as [Passport];
    this.#requireHeld(caller, held);
    requireAgentScopes(caller);
    const jti = newId("pp");
    const claims = await this.#parts.store.transact([caller.operatorId], async (t) => {
      const now = this.#parts.clock.now();
      await requireStanding(t, caller, now);
      const above = await t.passports.lineage(held.jti);
      const [parent] = above;
      requireGood(above, now);
      if (!parent) throw new DomainError("PASSPORT_REVOKED");
      if ((await t.passports.countInSession(parent.session_id)) >= LIMITS.sessionPassports)
        throw new DomainError("TIER_LIMIT_EXCEEDED", `A session has at most ${LIMITS.sessionPassports} passports.`);
      if (parent.depth >= MAX_DELEGATIONS) throw new DomainError("DELEGATION_DEPTH_EXCEEDED");
      const child = await t.agents.find(request.child_agent_id);
      if (child?.operator_id !== caller.operatorId)
        throw new DomainError("NOT_FOUND", "There is no such agent. stack_list_agents lists yours.");
      requireFit(child);
      requireIntent(parent.accountability, request.intent ?? parent.intent ?? undefined);
      const { services: reachable } = await rightsOf(
        t,
        [...(await agentsOf((id) => t.agents.find(id), above)), child],
        parent.services,
      );
      const granted = delegate(
        {
          services: reachable,
          claimIds: parent.claim_ids,
          mandate: parent.mandate ?? undefined,
          accountability: parent.accountability,
          checkpointInterval: parent.checkpoint_interval ?? undefined,
        },
        {
          services: request.scopes && servicesOf(request),
          claimIds: request.identity_claim_ids,
          mandate: request.mandate,
          accountability: child.accountability_mode,
          checkpointInterval: request.checkpoint_interval_seconds,
        },
      );
      const interval = intervalOf(granted.accountability, granted.checkpointInterval);
      const endsAt = Math.min(now + request.ttl_seconds * 1_000, parent.expires_at);
      const passport: NewPassport = {
        jti,
        operator_id: parent.operator_id,
        agent_id: child.id,
        session_id: parent.session_id,
        parent_jti: parent.jti,
        depth: parent.depth + 1,
        issuer: this.#parts.issuer(),
        services: granted.services,
        claim_ids: granted.claimIds,
        intent: request.intent ?? parent.intent,
        accountability: granted.accountability,
        checkpoint_interval: interval ?? null,
        mandate: granted.mandate ?? null,
        mission_id: parent.mission_id,
        issued_at: now,
        expires_at: firstEnd(now, endsAt, granted.accountability, interval),
        ends_at: endsAt,
      };
      await t.passports.insert(passport);
      const made = await claimsOf(t, passport, now);
      requireCarriable(made);
      await audit(t, caller, "passport.delegate", passport);
      return made;
    });
    return this.#sign(claims);
  }

  /** What a passport is worth now, for whoever was shown it. Throws what `openPassport` throws. */
  async verify(token: string, serviceId: string | undefined) {
    const { claims } = await this.#parts.tokens.openPassport(token);
    const allowed =
      serviceId === undefined ||
      claims.stk.services.some((service) => service.service_id === serviceId || service.service_name === serviceId);
    return {
      valid: allowed,
      ...(allowed ? {} : { reason: "The passport does not open this service." }),
      jti: claims.jti,
      agent_id: claims.stk.agent_id,
      operator_id: claims.stk.operator_id,
      session_id: claims.stk.session_id,
      expires_at: isoTime(claims.exp * 1_000),
      claims: claims as unknown as Record<string, unknown>,
    };
  }

  /**
   * Signs a passport anew for a further time, until a day after its end: by its operator, or by its agent's own signature,
   * never by the passport itself. It keeps its jti, and with that its session, its lineage and what was spent. Throws
   * NOT_FOUND, PASSPORT_REVOKED, PASSPORT_EXPIRED, PASSPORT_BLOCKED, FORBIDDEN for a passport.
   */
  async refresh(
    caller: Caller,
    named: { readonly jti: string; readonly ttl_seconds: number },
  ): Promise<IssuedPassport> {
    if (caller.passport) {
      const message = "A passport does not renew itself: its operator does, or its agent by a request that it signs.";
      throw new DomainError("FORBIDDEN", message);
    }
    requireAgentScopes(caller);
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const now = this.#parts.clock.now();
      await requireStanding(t, caller, now);
      const passport = await requireOwnPassport(t, caller, named.jti);
      requireRenewable(passport, now);
      requireFit(await requireOwnAgent(t, caller, passport.agent_id));
      const parent = passport.parent_jti === null ? undefined : await t.passports.find(passport.parent_jti);
      const endsAt = Math.min(now + named.ttl_seconds * 1_000, parent?.expires_at ?? Number.MAX_SAFE_INTEGER);
      if (endsAt <= now)
        throw new DomainError("PASSPORT_EXPIRED", "The passport it came from has expired: refresh that one first.");
      const interval = passport.checkpoint_interval ?? undefined;
      const owesReport = caller.agent !== undefined && passport.accountability === "enforced" && interval !== undefined;
      if (owesReport && passport.expires_at <= now)
        throw new DomainError("PASSPORT_EXPIRED", "A report was due before that. Its operator can refresh it.");
      // An agent's refresh is no report: until the next one is due it lives, and no longer.
      const due = firstEnd(now, endsAt, passport.accountability, interval);
      const expires_at = owesReport ? Math.min(passport.expires_at, endsAt) : due;
      await t.passports.extend(passport.jti, { expires_at, ends_at: endsAt });
      await audit(t, caller, "passport.refresh", { ...passport, expires_at });
    });
    return this.token(named.jti);
  }

  /** Those that would be let in now. An agent sees its own, a passport those of its session. */
  async listActive(
    caller: Caller,
    request: PageRequest & { readonly agent_id?: string | undefined; readonly session_id?: string | undefined },
  ): Promise<Page<PassportView>> {
    requireCursor("pp", request.cursor);
    const selection = {
      operatorId: caller.operatorId,
      agentId: caller.passport ? request.agent_id : (caller.agent?.id ?? request.agent_id),
      sessionId: caller.passport?.sessionId ?? request.session_id,
      beforeJti: request.cursor,
    };
    const found = await this.#parts.store.read((r) => r.passports.listActive(selection, request.limit));
    return pageOf(found.slice(0, request.limit).map(viewOf), found.length, ({ jti }) => jti);
  }

  /** A token of a passport as it is now. */
  async token(jti: string): Promise<IssuedPassport> {
    const { store, clock } = this.#parts;
    const claims = await store.read(async (r) => {
      const found = await r.passports.find(jti);
      if (!found) throw new DomainError("NOT_FOUND");
      if (found.revoked_at !== null || found.checked_out_at !== null) throw new DomainError("PASSPORT_REVOKED");
      return claimsOf(r, found, clock.now());
    });
    return this.#sign(claims);
  }

  async #sign(claims: PassportClaims): Promise<IssuedPassport> {
    const token = await signPassport(claims, await this.#parts.keys.active());
    const { jti, exp, stk } = claims;
    return { token, jti, session_id: stk.session_id, expires_at: isoTime(exp * 1_000) };
  }

  /** An agent hands on what is its own, a passport itself, an operator whatever is its own. */
  #requireHeld({ operatorId, agent, passport }: Caller, held: Passport): void {
    const isOwn = passport ? held.jti === passport.jti : !agent || held.agent_id === agent.id;
    if (held.operator_id === operatorId && isOwn) return;
    throw new DomainError("FORBIDDEN", "Only who carries a passport, or its operator, hands it on.");
  }
}

function servicesOf({ scopes = [] }: Pick<IssueRequest, "scopes">): GrantedService[] {
  return scopes.map((one) => ({ connection_id: one.service_connection_id, scopes: one.scopes }));
}

async function audit(t: Transaction, caller: Caller, action: AuditAction, passport: NewPassport): Promise<void> {
  const { jti: passportJti, agent_id: agentId, parent_jti, mandate, session_id, expires_at } = passport;
  const by = caller.agent && caller.agent.id !== agentId ? { by_agent: caller.agent.id } : {};
  const parent = parent_jti === null ? {} : { parent_jti };
  const details = {
    session_id,
    expires_at: isoTime(expires_at),
    ...parent,
    ...by,
    ...(mandate?.max_total_cents === undefined ? {} : { max_total_cents: mandate.max_total_cents }),
  };
  await t.audit.append({
    ...actorOf(caller),
    agentId,
    passportJti,
    action,
    outcome: "success",
    details,
  });
}
