import type { Claim } from "../../../storage/repositories/operators.ts";
import type { NewPassport, Passport } from "../../../storage/repositories/passports.ts";
import type { Reader, Store, Transaction } from "../../../storage/store.ts";
import { type AccountabilityMode, needsIntent } from "../../domain/agent.ts";
import { actorOf, type Caller, requireAgentScopes } from "../../domain/caller.ts";
import {
  delegate,
  type PassportService as GrantedService,
  type Intent,
  MAX_DELEGATIONS,
  type Mandate,
  requireService,
} from "../../domain/passport.ts";
import { PASSPORT_AUDIENCE, type PassportClaims, signPassport } from "../../passports/passport-token.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { requireOwnAgent } from "../agents/own-agent.ts";
import { type Page, pageOf, requireCursor } from "../page.ts";
import type { PageRequest } from "../skills/skill-service.ts";
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

export interface PassportView {
  readonly jti: string;
  readonly agent_id: string;
  readonly session_id: string;
  readonly parent_jti: string | null;
  readonly delegation_depth: number;
  readonly accountability: AccountabilityMode;
  readonly intent?: Intent;
  readonly mandate?: Mandate;
  readonly spent_cents: number;
  readonly issued_at: string;
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
  async issue(caller: Caller, request: IssueRequest, missionId?: string): Promise<IssuedPassport> {
    if (caller.passport)
      throw new DomainError("FORBIDDEN", "A passport issues none: stack_delegate_passport hands it on.");
    const jti = newId("pp");
    return this.#sign(await this.#parts.store.transact((t) => this.issueWithin(t, caller, request, jti, missionId)));
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
    await requireStanding(t, caller, this.#parts.clock());
    const agent = await requireOwnAgent(t, caller, request.agent_id);
    requireFit(agent);
    requireIntent(agent.accountability_mode, request.intent);
    const given: GrantedService[] = await t.agents.grants(agent.id);
    const services = request.scopes
      ? servicesOf(request)
      : given.map(({ connection_id, scopes }) => ({ connection_id, scopes }));
    for (const service of services) requireService(given, service);
    const now = this.#parts.clock();
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
    const claims = await this.#parts.store.transact(async (t) => {
      const now = this.#parts.clock();
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
    await this.#parts.store.transact(async (t) => {
      const now = this.#parts.clock();
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
      return claimsOf(r, found, clock());
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

/** A passport of the caller's operator; an agent reaches its own alone, a passport itself. Throws NOT_FOUND. */
export async function requireOwnPassport(r: Reader | Transaction, caller: Caller, jti: string): Promise<Passport> {
  const found = isId("pp", jti) ? await r.passports.find(jti) : undefined;
  const { agent, passport } = caller;
  const isOwn = passport ? passport.jti === found?.jti : !agent || agent.id === found?.agent_id;
  if (found?.operator_id === caller.operatorId && isOwn) return found;
  throw new DomainError("NOT_FOUND", "There is no such passport of yours. stack_list_active_passports lists them.");
}

/** Whoever reports at intervals has to: without the next report a passport ends. */
export function firstEnd(
  now: number,
  endsAt: number,
  accountability: AccountabilityMode,
  interval: number | undefined,
): number {
  return accountability === "enforced" && interval !== undefined ? Math.min(endsAt, now + interval * 1_000) : endsAt;
}

function intervalOf(mode: AccountabilityMode, asked: number | undefined): number | undefined {
  return asked ?? (mode === "enforced" ? LIMITS.checkpointSeconds.default : undefined);
}

function requireIntent(mode: AccountabilityMode, intent: Intent | undefined): void {
  if (needsIntent(mode) && !intent) throw new DomainError("ACCOUNTABILITY_REQUIRED");
}

function requireRenewable(passport: Passport, now: number): void {
  if (passport.revoked_at !== null) throw new DomainError("PASSPORT_REVOKED");
  if (passport.checked_out_at !== null)
    throw new DomainError("PASSPORT_REVOKED", "The passport was checked out: what it was for is over.");
  if (passport.expires_at + LIMITS.refreshWithinMs <= now)
    throw new DomainError("PASSPORT_EXPIRED", "The passport ended more than a day ago. Issue another.");
}

function servicesOf({ scopes = [] }: Pick<IssueRequest, "scopes">): GrantedService[] {
  return scopes.map((one) => ({ connection_id: one.service_connection_id, scopes: one.scopes }));
}

/** What was proved twice to one provider is said once. */
function newestOfEach(claims: readonly Claim[]): string[] {
  return [...new Map(claims.map((claim) => [`${claim.provider} ${claim.claim_type}`, claim.id])).values()];
}

/** Throws SCOPE_ESCALATION for a claim that is not an active one of the operator's. */
async function claimsFor(t: Transaction, caller: Caller, asked: readonly string[] | undefined, now: number) {
  const claims = await t.operators.listClaims(caller.operatorId);
  const good = claims.filter(({ expires_at }) => expires_at === null || expires_at > now);
  const active = good.map(({ id }) => id);
  const missing = asked?.find((id) => !active.includes(id));
  if (missing === undefined) return asked ?? newestOfEach(good);
  const message = "identity_claim_ids names a claim that you do not have. stack_list_claims lists yours.";
  throw new DomainError("SCOPE_ESCALATION", message, { field: "identity_claim_ids" });
}

/** A token travels in a header. Throws INVALID_REQUEST. */
function requireCarriable(claims: PassportClaims): void {
  if (Buffer.byteLength(JSON.stringify(claims)) <= LIMITS.passportBytes) return;
  const message = `The passport would say more than ${LIMITS.passportBytes} bytes. Name fewer scopes, claims, skills or publishers.`;
  throw new DomainError("INVALID_REQUEST", message);
}

async function claimsOf(r: Reader | Transaction, passport: NewPassport, now: number): Promise<PassportClaims> {
  const agent = await r.agents.find(passport.agent_id);
  const services = [];
  for (const { connection_id, scopes } of passport.services) {
    const connection = await r.connections.find(passport.operator_id, connection_id);
    if (connection) services.push({ service_id: connection_id, service_name: connection.provider, scopes });
  }
  const carried = (await r.operators.listClaims(passport.operator_id)).filter(({ id }) =>
    passport.claim_ids.includes(id),
  );
  const iat = Math.floor(now / 1_000);
  const { intent, mandate } = passport;
  return {
    iss: passport.issuer,
    sub: passport.agent_id,
    aud: PASSPORT_AUDIENCE,
    iat,
    nbf: iat,
    exp: Math.floor(passport.expires_at / 1_000),
    jti: passport.jti,
    stk: {
      operator_id: passport.operator_id,
      agent_id: passport.agent_id,
      agent_name: agent?.name ?? "",
      session_id: passport.session_id,
      delegation_depth: passport.depth,
      ...(passport.parent_jti === null ? {} : { parent_jti: passport.parent_jti }),
      services,
      identity_claims: carried.map((claim) => ({
        claim_id: claim.id,
        provider: claim.provider,
        layer: claim.layer,
        claim_type: claim.claim_type,
        assurance_level: claim.assurance_level,
        verified_at: Math.floor(claim.created_at / 1_000),
        ...(claim.expires_at === null ? {} : { expires_at: Math.floor(claim.expires_at / 1_000) }),
      })),
      accountability: passport.accountability,
      ...(intent ? { intent_summary: intent.summary, intent_services: intent.services } : {}),
      ...(passport.checkpoint_interval === null ? {} : { checkpoint_interval: passport.checkpoint_interval }),
      ...(mandate ? { mandate } : {}),
    },
  };
}

export function viewOf(passport: Passport): PassportView {
  return {
    jti: passport.jti,
    agent_id: passport.agent_id,
    session_id: passport.session_id,
    parent_jti: passport.parent_jti,
    delegation_depth: passport.depth,
    accountability: passport.accountability,
    ...(passport.intent ? { intent: passport.intent } : {}),
    ...(passport.mandate ? { mandate: passport.mandate } : {}),
    spent_cents: passport.spent_cents,
    issued_at: isoTime(passport.issued_at),
    expires_at: isoTime(passport.expires_at),
  };
}

async function audit(t: Transaction, caller: Caller, action: string, passport: NewPassport): Promise<void> {
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
    layer: "passports",
    action,
    outcome: "success",
    details,
  });
}
