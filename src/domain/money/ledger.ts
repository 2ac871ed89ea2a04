import { assert } from "../../shared/errors.ts";
import { paidCents, type Split } from "./money.ts";

/** One line of a ledger transaction: signed integer cents, credit-positive. */
export interface Posting {
  readonly account: string;
  readonly amountCents: number;
}

/**
 * Every way in which money moves. `ref` names what it is for, once a kind. A hold and a void move
 * nothing yet: they bind and free cents of a wallet.
 */
export type Movement =
  | {
      readonly kind: "grant";
      readonly ref: string;
      readonly operatorId: string;
      readonly amountCents: number;
    }
  | {
      readonly kind: "hold";
      readonly ref: string;
      readonly operatorId: string;
      readonly amountCents: number;
    }
  | {
      readonly kind: "settle";
      readonly ref: string;
      readonly operatorId: string;
      readonly publisherId: string;
      readonly split: Split;
      /**
       * Names the ledger transaction beforehand, for whoever has to tell of it in the audit rows.
       */
      readonly txId?: string;
    }
  | { readonly kind: "void"; readonly ref: string }
  /** Money that a processor took for a wallet, and then the same money on the bank account. */
  | {
      readonly kind: "topup" | "topup_cleared" | "refund" | "refund_cleared";
      readonly ref: string;
      readonly operatorId: string;
      readonly processor: string;
      readonly amountCents: number;
    }
  | {
      readonly kind: "subscribe";
      readonly ref: string;
      readonly operatorId: string;
      readonly amountCents: number;
    }
  /** Earnings on their way out, and then arrived. */
  | {
      readonly kind: "payout" | "payout_paid";
      readonly ref: string;
      readonly publisherId: string;
      readonly amountCents: number;
    };

export type MovementKind = Movement["kind"];

/** The names of the lines in a wallet's history. */
export const TRANSACTION_TYPES = [
  "topup",
  "invocation",
  "overage",
  "identity",
  "refund",
  "subscription",
  "grant",
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

export const ACCOUNTS = {
  wallet: (operatorId: string) => `wallet:${operatorId}`,
  earnings: (publisherId: string) => `earnings:${publisherId}`,
  inTransit: (publisherId: string) => `payout:${publisherId}:in_transit`,
  clearing: (processor: string) => `clearing:${processor}`,
  bank: "bank:operating",
  subscriptions: "platform:subscriptions",
  grants: "platform:grants",
  commission: "platform:commission",
  recovery: "platform:compute_recovery",
  markup: "platform:compute_markup",
  serviceMarkup: "platform:service_markup",
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
  assert(
    postings.reduce((sum, p) => sum + p.amountCents, 0) === 0,
    "postings of a transaction sum to zero",
  );
  return merged(postings);
}

function rawPostings(movement: Movement): Posting[] {
  switch (movement.kind) {
    case "grant":
      return transfer(ACCOUNTS.grants, ACCOUNTS.wallet(movement.operatorId), movement.amountCents);
    case "topup":
      return transfer(
        ACCOUNTS.clearing(movement.processor),
        ACCOUNTS.wallet(movement.operatorId),
        movement.amountCents,
      );
    case "topup_cleared":
      return transfer(ACCOUNTS.bank, ACCOUNTS.clearing(movement.processor), movement.amountCents);
    case "refund":
      return transfer(
        ACCOUNTS.wallet(movement.operatorId),
        ACCOUNTS.clearing(movement.processor),
        movement.amountCents,
      );
    case "refund_cleared":
      return transfer(ACCOUNTS.clearing(movement.processor), ACCOUNTS.bank, movement.amountCents);
    case "subscribe":
      return transfer(
        ACCOUNTS.wallet(movement.operatorId),
        ACCOUNTS.subscriptions,
        movement.amountCents,
      );
    case "payout": {
      const { publisherId } = movement;
      return transfer(
        ACCOUNTS.earnings(publisherId),
        ACCOUNTS.inTransit(publisherId),
        movement.amountCents,
      );
    }
    case "payout_paid":
      return transfer(
        ACCOUNTS.inTransit(movement.publisherId),
        ACCOUNTS.bank,
        movement.amountCents,
      );
    case "settle":
      return settlement(movement.operatorId, movement.publisherId, movement.split);
    case "hold":
    case "void":
      return [];
  }
}

function transfer(from: string, to: string, amountCents: number): Posting[] {
  return [
    { account: from, amountCents: -amountCents },
    { account: to, amountCents },
  ];
}

function settlement(operatorId: string, publisherId: string, split: Split): Posting[] {
  return [
    { account: ACCOUNTS.wallet(operatorId), amountCents: -paidCents(split) },
    {
      account: ACCOUNTS.earnings(publisherId),
      amountCents: split.publisherCents + split.serviceCents,
    },
    { account: ACCOUNTS.serviceMarkup, amountCents: split.serviceMarkupCents },
    { account: ACCOUNTS.commission, amountCents: split.commissionCents },
    {
      account: ACCOUNTS.recovery,
      amountCents: split.recoveryCents + split.overrunCents + split.absorbedCents,
    },
    { account: ACCOUNTS.markup, amountCents: split.markupCents },
    { account: ACCOUNTS.overrun, amountCents: -split.overrunCents },
    { account: ACCOUNTS.freeCompute, amountCents: -split.absorbedCents },
  ];
}

/**
 * One posting an account: the ledger allows no second line for the same account in a transaction.
 */
function merged(postings: readonly Posting[]): Posting[] {
  const byAccount = new Map<string, number>();
  for (const { account, amountCents } of postings) {
    byAccount.set(account, (byAccount.get(account) ?? 0) + amountCents);
  }
  return [...byAccount]
    .filter(([, cents]) => cents !== 0)
    .map(([account, amountCents]) => ({ account, amountCents }));
}
