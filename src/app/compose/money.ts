import { CheckoutService } from "../../services/wallet/checkout-service.ts";
import { PayoutService } from "../../services/wallet/payout-service.ts";
import { PlanService } from "../../services/wallet/plan-service.ts";
import { SkillCreditService } from "../../services/wallet/skill-credit-service.ts";
import { TopupService } from "../../services/wallet/topup-service.ts";
import { WalletService } from "../../services/wallet/wallet-service.ts";
import type { Ground } from "./ground.ts";
import type { Market } from "./market.ts";

/** Money comes in, is shown, and goes out. */
export function composeMoney(ground: Ground, { services: { skills } }: Market) {
  const { store, processors } = ground;
  const checkout = new CheckoutService({ ...ground, key: store.deriveKey("checkout-link") });
  const topups = new TopupService({ ...ground, checkout });
  const plans = new PlanService(ground);
  return {
    chores: [...plans.chores, ...topups.chores],
    services: {
      checkout,
      payouts: new PayoutService({ ...ground, processor: processors.payouts }),
      plans,
      skillCredits: new SkillCreditService({ ...ground, skills, topups, checkout }),
      topups,
      wallet: new WalletService(ground),
    },
  };
}
