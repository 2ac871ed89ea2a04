import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";

export interface BalanceView {
  readonly operator_id: string;
  readonly balance_cents: number;
  readonly balance_usd: string;
  readonly held_cents: number;
  readonly earnings_cents: number;
  readonly tier: string;
  readonly play_money: boolean;
}

export class WalletService {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async balance(caller: Caller): Promise<BalanceView> {
    const { operatorId } = caller;
    return this.#store.read(async (r) => {
      const { balanceCents, heldCents, earningsCents } = await r.ledger.balanceOf(operatorId);
      return {
        operator_id: operatorId,
        balance_cents: balanceCents,
        balance_usd: `$${(balanceCents / 100).toFixed(2)}`,
        held_cents: heldCents,
        earnings_cents: earningsCents,
        tier: caller.plan,
        play_money: this.#store.instance.stamp === "play",
      };
    });
  }

  /** Checks every invariant of the ledger; each problem names the row that breaks it. */
  async findLedgerProblems(): Promise<string[]> {
    return this.#store.findLedgerProblems();
  }
}
