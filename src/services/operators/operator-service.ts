import type { Balance } from "../../../storage/repositories/ledger.ts";
import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Founding, Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import {
  type OperatorStatus,
  operatorStatus,
  requireOperatorName,
} from "../../domain/identity/operator.ts";
import { layerOf } from "../../domain/identity/trust.ts";
import { skeletonOf } from "../../domain/market/confusable.ts";
import type { Plan } from "../../domain/money/money.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { createApiKey } from "../auth/api-key.ts";
import { requirePresentOperator } from "../auth/named-operator.ts";
import { payLocally } from "../wallet/topup-service.ts";

const LOCAL_PROVIDER = "local";

export interface CreateOperator {
  readonly name: string;
  readonly plan: Plan;
  readonly fundCents: number;
  readonly claimTypes: readonly string[];
}

export interface CreatedOperator {
  readonly operator_id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly balance_cents: number;
  readonly api_key: string;
}

export interface ListedOperator {
  readonly operator_id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly balance_cents: number;
  readonly held_cents: number;
  readonly earnings_cents: number;
  readonly is_local: boolean;
  readonly status: OperatorStatus;
}

export interface OperatorParts {
  readonly store: Store;
  readonly pepper: Buffer;
}

/** Operators as the host manages them, from the command line. */
export class OperatorService {
  readonly #parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  /**
   * Makes an operator and its key; the result shows the key once. Throws INVALID_REQUEST for a name
   * that is taken or malformed.
   */
  async create(request: CreateOperator): Promise<CreatedOperator> {
    requireOperatorName(request.name);
    if (request.fundCents > 0 || request.claimTypes.length > 0) this.#requirePlay();
    const id = newId("op");
    const key = createApiKey(this.#parts.pepper);
    await this.#parts.store.transact([id], async (t) => {
      await requireFreeName(t, request.name, id);
      await t.operators.insert({
        id,
        name: request.name,
        plan: request.plan,
        is_local: 0,
        is_admin: 0,
      });
      await t.operators.insertKey({ ...WHOLE_KEY, id: key.id, operator_id: id, mac: key.mac });
      await t.audit.append({ operatorId: id, action: "operator.create", outcome: "success" });
      for (const claimType of request.claimTypes) await grantClaim(t, id, claimType);
      if (request.fundCents > 0) await payLocally(t, id, request.fundCents);
    });
    const { name, plan, fundCents } = request;
    return { operator_id: id, name, plan, balance_cents: fundCents, api_key: key.key };
  }

  async list(): Promise<ListedOperator[]> {
    return this.#parts.store.read(async (r) => {
      const listed = [];
      for (const operator of await r.operators.list()) {
        listed.push(toListed(operator, await r.ledger.balanceOf(operator.id)));
      }
      return listed;
    });
  }

  /**
   * Tops a wallet up with play money, and with that pays an open top-up of this amount if there is
   * one. `operator` is an id or a name. Throws NOT_FOUND.
   */
  async fund(
    operator: string,
    amountCents: number,
  ): Promise<{ operator_id: string; balance_cents: number }> {
    this.#requirePlay();
    if (
      !Number.isSafeInteger(amountCents) ||
      amountCents < 1 ||
      amountCents > LIMITS.priceCents * 100
    ) {
      throw invalidRequest("cents", "cents must be a whole number from 1.");
    }
    const { id } = await this.#parts.store.read((r) => requirePresentOperator(r, operator));
    return this.#parts.store.transact([id], async (t) => {
      await payLocally(t, id, amountCents);
      const { balanceCents } = await t.ledger.balanceOf(id);
      return { operator_id: id, balance_cents: balanceCents };
    });
  }

  #requirePlay(): void {
    if (this.#parts.store.instance.stamp === "play") return;
    throw new DomainError(
      "FORBIDDEN",
      "This database holds live money: a command adds neither play money nor claims.",
    );
  }
}

/**
 * Throws INVALID_REQUEST for a name that is taken, looks like another operator's, or is of another
 * form.
 */
export async function requireFreeName(r: Reader, name: string, operatorId: string): Promise<void> {
  requireOperatorName(name);
  const same = await r.operators.findByName(name);
  if (same) throw invalidRequest("name", "An operator of this name exists.");
  const alike = await r.operators.findLike(skeletonOf(name));
  if (!alike || alike.id === operatorId) return;
  const message = `name looks like ${alike.name}, the name of another operator: choose a name that nobody mistakes for it.`;
  throw invalidRequest("name", message);
}

/** A key without bounds of its own. */
const WHOLE_KEY = { name: "default", scopes: null, expires_at: null } as const;

/**
 * Founds a database: makes the local operator, which acts without a key, and grants it play money
 * in a play database.
 */
export async function foundLocalOperator(t: Founding, stamp: "play" | "live"): Promise<void> {
  const id = newId("op");
  await t.operators.insert({ id, name: "local", plan: "free", is_local: 1, is_admin: 1 });
  await t.audit.append({ operatorId: id, action: "operator.create", outcome: "success" });
  if (stamp === "play") await grant(t, id, LIMITS.startingGrantCents);
}

async function grant(t: Founding, operatorId: string, amountCents: number): Promise<void> {
  await t.ledger.record(
    { kind: "grant", ref: newId("ltx"), operatorId, amountCents },
    {
      operatorId,
      action: "wallet.grant",
      outcome: "success",
      details: { amount_cents: amountCents },
    },
  );
}

async function grantClaim(t: Transaction, operatorId: string, claimType: string): Promise<void> {
  const id = newId("clm");
  const about = {
    claim_type: claimType,
    layer: layerOf(claimType),
    assurance_level: "substantial",
    verification_id: null,
  } as const;
  await t.operators.insertClaim({
    ...about,
    id,
    operator_id: operatorId,
    provider: LOCAL_PROVIDER,
    expires_at: null,
  });
  const details = { claim_id: id, claim_type: claimType };
  await t.audit.append({ operatorId, action: "claim.grant", outcome: "success", details });
}

function toListed(operator: Operator, balance: Balance): ListedOperator {
  return {
    operator_id: operator.id,
    name: operator.name,
    plan: operator.plan,
    balance_cents: balance.balanceCents,
    held_cents: balance.heldCents,
    earnings_cents: balance.earningsCents,
    is_local: operator.is_local === 1,
    status: operatorStatus(operator),
  };
}
