import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { SkillService } from "../skills/skill-service.ts";
import type { CheckoutService } from "./checkout-service.ts";
import type { TopupService } from "./topup-service.ts";

export interface SkillCreditParts {
  readonly store: Store;
  readonly skills: SkillService;
  readonly topups: TopupService;
  readonly checkout: CheckoutService;
}

/**
 * Answers STACK's older shapes, in which each skill had its own credit plan, out of the one wallet.
 */
export class SkillCreditService {
  readonly #parts: SkillCreditParts;

  constructor(parts: SkillCreditParts) {
    this.#parts = parts;
  }

  /**
   * Returns a page to pay for a skill. Throws INVALID_REQUEST for a free skill,
   * PAYMENTS_UNAVAILABLE without a page.
   */
  async checkout(caller: Caller, skillId: string) {
    const { skill } = await this.#parts.skills.load(caller, skillId);
    if (skill.price_cents === 0)
      throw new DomainError("INVALID_REQUEST", "The skill is free: there is nothing to buy.");
    const amount = Math.max(LIMITS.topupCents.min, skill.price_cents);
    const session = await this.#parts.topups.open(caller, amount, undefined);
    if (session.checkout_url !== undefined) {
      return {
        checkout_url: session.checkout_url,
        plan_id: planOf(skillId),
        price_per_invocation: skill.price_cents,
      };
    }
    throw new DomainError("PAYMENTS_UNAVAILABLE", session.next_step);
  }

  async balance(caller: Caller, skillId: string) {
    const { skill } = await this.#parts.skills.load(caller, skillId);
    const { price_cents: price } = skill;
    if (price === 0) return { free: true, balance: null, price_per_invocation: 0 };
    const { balanceCents } = await this.#parts.store.read((r) =>
      r.ledger.balanceOf(caller.operatorId),
    );
    const purchase_url = await this.#parts.checkout.urlForMissing(caller.operatorId, price);
    return {
      free: false,
      balance: String(balanceCents),
      price_per_invocation: price,
      plan_id: planOf(skillId),
      invocations_remaining: Math.floor(balanceCents / price),
      purchase_url,
    };
  }
}

function planOf(skillId: string): string {
  return skillId.replace(/^skl_/, "plan_");
}
