import type { Claim } from "../../../storage/repositories/operators.ts";
import type { Verification } from "../../../storage/repositories/verifications.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import { actorOf, type Caller } from "../../domain/identity/caller.ts";
import {
  type AssuranceLevel,
  CLAIM_LAYERS,
  type ClaimLayer,
  type ClaimType,
  layerOf,
} from "../../domain/identity/trust.ts";
import {
  type IdentityProvider,
  localProvider,
  type RemoteProvider,
} from "../../identity/provider.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { ServerDirectory } from "../pages/server-directory.ts";
import type { RevocationService } from "../passports/revocation-service.ts";

export interface ClaimView {
  readonly id: string;
  readonly provider: string;
  readonly layer: ClaimLayer;
  readonly claim_type: string;
  readonly assurance_level: AssuranceLevel;
  readonly status: "active" | "expired";
  readonly verified_at: string;
  readonly expires_at: string | null;
}

export interface IdentityParts {
  readonly store: Store;
  readonly remote: RemoteProvider | undefined;
  readonly revocations: RevocationService;
  readonly pages: ServerDirectory;
  readonly clock: Clock;
}

/**
 * Manages the identity claims of operators, which providers verify. No document is kept here.
 */
export class IdentityService {
  readonly #parts: IdentityParts;
  readonly #providers: readonly IdentityProvider[];

  constructor(parts: IdentityParts) {
    this.#parts = parts;
    const local = parts.store.instance.stamp === "play" ? [localProvider] : [];
    this.#providers = [...local, ...(parts.remote ? [parts.remote] : [])];
  }

  listProviders() {
    const items = this.#providers.map(({ key, name, claimTypes, assurance }) => ({
      id: `idp_${key}`,
      name,
      provider_key: key,
      supported_layers: CLAIM_LAYERS.filter((layer) =>
        claimTypes.some((type) => layerOf(type) === layer),
      ),
      claim_types: claimTypes,
      assurance_level: assurance,
    }));
    return { items };
  }

  /**
   * Starts a verification with a provider. Throws NOT_FOUND for an unknown provider, BUSY.
   */
  async start(
    caller: Caller,
    request: { readonly provider: string; readonly claim_types: readonly ClaimType[] },
  ) {
    const provider = this.#find(request.provider);
    const id = newId("idv");
    const origin = await this.#parts.pages.current();
    const returnUrl = origin === undefined ? undefined : `${origin}/docs`;
    const started =
      provider.key === "local"
        ? undefined
        : await provider.start({ verificationId: id, returnUrl });
    const verification = {
      id,
      operator_id: caller.operatorId,
      provider: provider.key,
      session_ref: started?.sessionRef ?? id,
      claim_types: [...new Set(request.claim_types)],
      url: started?.url ?? null,
      status: provider.key === "local" ? ("verified" as const) : ("started" as const),
      expires_at: this.#parts.clock.now() + LIMITS.verificationMs,
    };
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      await t.verifications.insert(verification);
      await audit(t, caller.operatorId, "identity.start", {
        verification_id: id,
        provider: provider.key,
      });
    });
    const { session_ref, url, claim_types, expires_at } = verification;
    const page = url === null ? {} : { url };
    return {
      verification_id: id,
      provider: provider.key,
      session_ref,
      ...page,
      claim_types,
      expires_at: isoTime(expires_at),
    };
  }

  /**
   * Returns the claims that the provider verified; a repeated call returns the same. Throws
   * NOT_FOUND, EXPIRED, or IDENTITY_REQUIREMENTS_NOT_MET while the provider has not verified them.
   */
  async complete(
    caller: Caller,
    request: { readonly provider?: string | undefined; readonly session_ref: string },
  ) {
    const claims = await this.#parts.store.transact([caller.operatorId], async (t) => {
      const found = await t.verifications.findOwn(caller.operatorId, request.session_ref);
      const isMeant = request.provider === undefined || found?.provider === plain(request.provider);
      if (!found || !isMeant)
        throw new DomainError(
          "NOT_FOUND",
          "There is no such verification. stack_start_verification begins one.",
        );
      if (found.status === "failed")
        throw new DomainError(
          "IDENTITY_REQUIREMENTS_NOT_MET",
          "The provider did not verify the claims. Start again.",
        );
      if (found.status === "started") {
        if (found.expires_at <= this.#parts.clock.now())
          throw new DomainError("EXPIRED", "The verification has expired. Start again.");
        const page = { url: found.url };
        throw new DomainError(
          "IDENTITY_REQUIREMENTS_NOT_MET",
          "The provider has not verified the claims yet: finish on its page.",
          page,
        );
      }
      if (found.status === "verified") await this.#grant(t, found);
      return t.operators.claimsOf(found.id);
    });
    return { items: claims.map((claim) => this.#view(claim)) };
  }

  /**
   * Handles a provider's webhook: a verified claim is granted at once. Throws NOT_FOUND, FORBIDDEN.
   */
  async handleWebhook(
    providerKey: string,
    body: string,
    header: (name: string) => string | undefined,
  ): Promise<void> {
    const { remote } = this.#parts;
    if (remote?.key !== providerKey)
      throw new DomainError("NOT_FOUND", "There is no such identity provider here.");
    const event = await remote.readWebhook(body, header);
    if (!event) return;
    const { store } = this.#parts;
    const meant = await store.read((r) => r.verifications.findByRef(remote.key, event.sessionRef));
    if (!meant) return;
    await store.transact([meant.operator_id], async (t) => {
      const found = await t.verifications.findByRef(remote.key, event.sessionRef);
      if (found?.status !== "started") return;
      if (event.verified) return this.#grant(t, found);
      await t.verifications.setStatus(found.id, "failed");
      await audit(t, found.operator_id, "identity.fail", {
        verification_id: found.id,
        provider: remote.key,
      });
    });
  }

  async listClaims(caller: Caller) {
    const claims = await this.#parts.store.read((r) => r.operators.listClaims(caller.operatorId));
    return { items: claims.map((claim) => this.#view(claim)) };
  }

  /** Revokes a claim and the passports that carry it. Throws NOT_FOUND. */
  async revokeClaim(caller: Caller, claimId: string) {
    const { store, revocations } = this.#parts;
    const revoked = await store.transact([caller.operatorId], async (t) => {
      if (!isId("clm", claimId) || !(await t.operators.revokeClaim(caller.operatorId, claimId)))
        throw new DomainError(
          "NOT_FOUND",
          "There is no such claim of yours. stack_list_claims lists them.",
        );
      await t.audit.append({
        ...actorOf(caller),
        action: "claim.revoke",
        outcome: "success",
        details: { claim_id: claimId },
      });
      const selection = { operatorId: caller.operatorId, claimId };
      const order = {
        type: "bulk_claim",
        target: claimId,
        reason: "Identity claim revoked",
        selection,
      } as const;
      const { revoked_count, cascaded } = await revocations.within(t, caller, order);
      return revoked_count + cascaded.length;
    });
    return { claim_id: claimId, revoked: true, passports_revoked: revoked };
  }

  #find(name: string): IdentityProvider {
    const found = this.#providers.find(({ key }) => key === plain(name));
    if (found) return found;
    throw new DomainError(
      "NOT_FOUND",
      "There is no such identity provider here. stack_list_identity_providers lists them.",
    );
  }

  async #grant(
    t: Transaction,
    { id, operator_id, provider, claim_types }: Verification,
  ): Promise<void> {
    const { assurance } = this.#find(provider);
    for (const claim_type of claim_types) {
      const claim = {
        id: newId("clm"),
        operator_id,
        provider,
        claim_type,
        layer: layerOf(claim_type),
        assurance_level: assurance,
      };
      await t.operators.insertClaim({
        ...claim,
        verification_id: id,
        expires_at: this.#parts.clock.now() + LIMITS.claimMs,
      });
      await audit(t, operator_id, "claim.grant", { claim_id: claim.id, claim_type, provider });
    }
    await t.verifications.setStatus(id, "completed");
  }

  #view({
    id,
    provider,
    layer,
    claim_type,
    assurance_level,
    created_at,
    expires_at,
  }: Claim): ClaimView {
    const isOver = expires_at !== null && expires_at <= this.#parts.clock.now();
    return {
      id,
      provider,
      layer,
      claim_type,
      assurance_level,
      status: isOver ? "expired" : "active",
      verified_at: isoTime(created_at),
      expires_at: expires_at === null ? null : isoTime(expires_at),
    };
  }
}

/** Providers are named by key, or by id. */
function plain(name: string): string {
  return name.replace(/^idp_/, "");
}

async function audit(
  t: Transaction,
  operatorId: string,
  action: AuditAction,
  details: Record<string, string>,
): Promise<void> {
  await t.audit.append({ operatorId, action, outcome: "success", details });
}
