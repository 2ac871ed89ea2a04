import { assert } from "../shared/errors.ts";
import type { Split } from "./money.ts";

/** One line of a ledger transaction: signed integer cents, credit-positive. */
export interface Posting {
  readonly account: string;
  readonly amountCents: number;
}

/** Every way in which money moves. A hold and a void move nothing yet: they bind and free cents of a wallet. */
export type Movement =
  | { readonly kind: "grant"; readonly ref: string; readonly operatorId: string; readonly amountCents: number }
  | { readonly kind: "hold"; readonly ref: string; readonly operatorId: string; readonly amountCents: number }
  | {
      readonly kind: "settle";
      readonly ref: string;
      readonly operatorId: string;
      readonly publisherId: string;
      readonly split: Split;
    }
  | { readonly kind: "void"; readonly ref: string };

export const ACCOUNTS = {
  wallet: (operatorId: string) => `wallet:${operatorId}`,
  earnings: (publisherId: string) => `earnings:${publisherId}`,
  grants: "platform:grants",
  commission: "platform:commission",
  recovery: "platform:compute_recovery",
  markup: "platform:compute_markup",
  overrun: "platform:compute_overrun",
  freeCompute: "platform:free_compute",
} as const;

/** The balanced postings of a movement; none for a hold or a void. */
export function postingsOf(movement: Movement): Posting[] {
  const postings = rawPostings(movement).filter((posting) => posting.amountCents !== 0);
  assert(
    postings.every((p) => Number.isSafeInteger(p.amountCents)),
    "postings are whole cents",
  );
  assert(postings.reduce((sum, p) => sum + p.amountCents, 0) === 0, "postings of a transaction sum to zero");
  return merged(postings);
}

function rawPostings(movement: Movement): Posting[] {
  switch (movement.kind) {
    case "grant":
      return [
        { account: ACCOUNTS.grants, amountCents: -movement.amountCents },
        { account: ACCOUNTS.wallet(movement.operatorId), amountCents: movement.amountCents },
      ];
    case "settle":
      return settlement(movement.operatorId, movement.publisherId, movement.split);
    case "hold":
    case "void":
      return [];
  }
}

function settlement(operatorId: string, publisherId: string, split: Split): Posting[] {
  return [
    { account: ACCOUNTS.wallet(operatorId), amountCents: -(split.priceCents + split.computeCents) },
    { account: ACCOUNTS.earnings(publisherId), amountCents: split.publisherCents },
    { account: ACCOUNTS.commission, amountCents: split.commissionCents },
    { account: ACCOUNTS.recovery, amountCents: split.recoveryCents + split.overrunCents + split.absorbedCents },
    { account: ACCOUNTS.markup, amountCents: split.markupCents },
    { account: ACCOUNTS.overrun, amountCents: -split.overrunCents },
    { account: ACCOUNTS.freeCompute, amountCents: -split.absorbedCents },
  ];
}

/** One posting an account: the ledger allows no second line for the same account in a transaction. */
function merged(postings: readonly Posting[]): Posting[] {
  const byAccount = new Map<string, number>();
  for (const { account, amountCents } of postings) {
    byAccount.set(account, (byAccount.get(account) ?? 0) + amountCents);
  }
  return [...byAccount].filter(([, cents]) => cents !== 0).map(([account, amountCents]) => ({ account, amountCents }));
}
