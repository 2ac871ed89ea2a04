import type { Operation } from "../../src/operations/define-operation.ts";
import { checkoutSkill } from "./checkout-skill.ts";
import { getBalance } from "./get-balance.ts";
import { getEarnings } from "./get-earnings.ts";
import { getSkillBalance } from "./get-skill-balance.ts";
import { listPayouts } from "./list-payouts.ts";
import { listTransactions } from "./list-transactions.ts";
import { refundTopup } from "./refund-topup.ts";
import { setUpPayouts } from "./set-up-payouts.ts";
import { subscribe } from "./subscribe.ts";
import { topup } from "./topup.ts";

/** Money: wallet, top-ups, payouts, plans. */
export const WALLET: readonly Operation[] = [
  getBalance,
  topup,
  getEarnings,
  listTransactions,
  refundTopup,
  subscribe,
  listPayouts,
  setUpPayouts,
  checkoutSkill,
  getSkillBalance,
];
