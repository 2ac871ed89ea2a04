import type { Agent } from "../../../storage/repositories/agents.ts";
import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Passport } from "../../../storage/repositories/passports.ts";
import type { Store } from "../../../storage/store.ts";
import { AGENT_SCOPES, type Caller } from "../../domain/identity/caller.ts";
import { requireServed } from "../../domain/identity/operator.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { openAgentRequest } from "../../tokens/agent-request.ts";
import { publicJwkOf } from "../../tokens/ed25519.ts";
import { openPassport, type PassportClaims } from "../../tokens/passport-token.ts";
import { TokenError } from "../../tokens/token.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";
import type { AuthFailureLog } from "./auth-failure-log.ts";
import {
  agentsOf,
  requireActiveAgent,
  requireServedOperator,
  requireValidChain,
  rightsOf,
} from "./live-authorization.ts";

/** A passport that is valid now. */
export interface ValidPassport {
  readonly claims: PassportClaims;
  /** The passport itself, its parent, and so on. */
  readonly lineage: readonly Passport[];
  /** The agents of the lineage, its own first. */
  readonly agents: readonly Agent[];
}

export interface TokenAuthenticatorParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly failures: AuthFailureLog;
  readonly clock: Clock;
}

/**
 * Authenticates tokens: a claim of a token is believed only as far as the database says the same.
 */
export class TokenAuthenticator {
  readonly #parts: TokenAuthenticatorParts;

  constructor(parts: TokenAuthenticatorParts) {
    this.#parts = parts;
  }

  /**
   * Verifies a passport's token. Throws UNAUTHORIZED with a reason, PASSPORT_EXPIRED,
   * PASSPORT_REVOKED, PASSPORT_BLOCKED, FORBIDDEN; each refusal is in the audit log, in the
   * operator's own chain once the passport is certainly the operator's.
   */
  async openPassport(token: string): Promise<ValidPassport> {
    const found: { passport?: Passport } = {};
    try {
      return await this.#open(token, found);
    } catch (error) {
      const { operator_id: operatorId, agent_id: agentId, jti: passportJti } = found.passport ?? {};
      if (error instanceof DomainError)
        await this.#parts.failures.record(
          error,
          found.passport && { operatorId, agentId, passportJti },
        );
      throw error;
    }
  }

  async #open(token: string, found: { passport?: Passport }): Promise<ValidPassport> {
    const claims = await refusing(() =>
      openPassport(token, {
        findKey: (kid) => this.#parts.keys.findForPassports(kid),
        now: this.#parts.clock.now(),
      }),
    );
    const store = this.#parts.store;
    const lineage = isId("pp", claims.jti)
      ? await store.read((r) => r.passports.lineage(claims.jti))
      : [];
    const [passport] = lineage;
    if (!passport) throw refused("unknown", "This database has no such passport.");
    found.passport = passport;
    requireSame(claims, passport);
    requireValidChain(lineage, this.#parts.clock.now());
    await store.read((r) => requireServedOperator(r, passport.operator_id));
    const agents = await agentsOf(
      (id) => store.memo(`agent:${id}`, (r) => r.agents.find(id)),
      lineage,
    );
    return { claims, lineage, agents };
  }

  async passportCaller(token: string): Promise<{ caller: Caller; expiresAt: number }> {
    const { claims, lineage, agents } = await this.openPassport(token);
    const [passport] = lineage as [Passport];
    const [agent] = agents as [Agent];
    const { rights, operator } = await this.#parts.store.read(async (r) => ({
      rights: await rightsOf(r, agents, passport.services),
      operator: await r.operators.find(passport.operator_id),
    }));
    if (!operator) throw refused("unknown", "The passport's operator does not exist.");
    const rootId = lineage.at(-1)?.agent_id ?? agent.id;
    const caller = {
      ...operatorPart(operator),
      agent: { id: agent.id, name: agent.name, rootId, ...rights },
      passport: {
        jti: passport.jti,
        sessionId: passport.session_id,
        lineage: lineage.map(({ jti }) => jti),
        claimIds: passport.claim_ids,
        mandate: passport.mandate ?? undefined,
      },
    };
    return { caller, expiresAt: claims.exp * 1_000 };
  }

  /**
   * Admits a signed request once; `count` is called before anything is written. Throws
   * UNAUTHORIZED with a reason.
   */
  async admitRequest(
    token: string,
    agentId: string,
    count: (publicKey: string) => Promise<void>,
  ): Promise<string> {
    try {
      return await this.#admit(token, agentId, count);
    } catch (error) {
      if (error instanceof DomainError && error.code !== "RATE_LIMITED")
        await this.#parts.failures.record(error);
      throw error;
    }
  }

  async #admit(
    token: string,
    agentId: string,
    count: (publicKey: string) => Promise<void>,
  ): Promise<string> {
    const agent = await this.#findAgent(agentId);
    const jwk = publicJwkOf(agent?.public_key);
    if (!agent || !jwk)
      throw refused(
        "key",
        "No such agent is enrolled here: an agent enrols a key before it signs requests.",
      );
    const request = await refusing(() => openAgentRequest(token, jwk, this.#parts.clock.now()));
    if (request.agentId !== agentId)
      throw refused("claims", "The signed request belongs to another agent.");
    await count(jwk.x);
    const { jti, exp } = request;
    const isNew = await this.#parts.store.transact([], (t) =>
      t.agents.spendRequest(agentId, jti, exp * 1_000),
    );
    if (!isNew)
      throw refused(
        "replayed",
        "The signed request was used before: sign another, with a jti of its own.",
      );
    return jwk.x;
  }

  /**
   * Returns the caller of an admitted request. Throws UNAUTHORIZED once the agent's key has
   * changed, FORBIDDEN while the agent is suspended.
   */
  async agentCaller(agentId: string, publicKey: string): Promise<Caller> {
    return this.#parts.store.read(async (r) => {
      const agent = await r.agents.find(agentId);
      if (!agent || agent.public_key?.x !== publicKey)
        throw refused("key", "The agent's key has changed.");
      requireActiveAgent(agent);
      const operator = await r.operators.find(agent.operator_id);
      if (!operator) throw refused("unknown", "The agent's operator does not exist.");
      const own = { id: agent.id, name: agent.name, rootId: agent.id, publicKey };
      return { ...operatorPart(operator), agent: { ...own, ...(await rightsOf(r, [agent])) } };
    });
  }

  async #findAgent(agentId: string): Promise<Agent | undefined> {
    return isId("agt", agentId) ? this.#parts.store.read((r) => r.agents.find(agentId)) : undefined;
  }
}

function operatorPart(operator: Operator) {
  const { id, name, plan } = requireServed(operator);
  return { operatorId: id, name, plan, scopes: AGENT_SCOPES };
}

function requireSame({ iss, sub, stk, exp }: PassportClaims, passport: Passport): void {
  if (iss !== passport.issuer) throw refused("issuer", "Another server issued the passport.");
  const same =
    sub === passport.agent_id &&
    stk.operator_id === passport.operator_id &&
    stk.session_id === passport.session_id &&
    stk.delegation_depth === passport.depth;
  if (!same) throw refused("claims", "The passport's claims differ from the grant.");
  if (exp * 1_000 > passport.ends_at)
    throw refused("beyond_parent", "The passport ends later than its grant.");
}

function refused(reason: TokenError["refusal"], message: string): DomainError {
  return new DomainError("UNAUTHORIZED", message, { reason });
}

/** An expired passport has a code of its own. */
async function refusing<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.refusal !== "expired") throw refused(error.refusal, error.message);
    throw new DomainError("PASSPORT_EXPIRED", error.message, { reason: "expired" });
  }
}
