import { isId } from "../../shared/ids.ts";
import { signLink, verifyLink } from "../pages/signed-link.ts";

/** The order behind a payment link. Whoever has the link can pay the order, and nothing else. */
export interface PaymentOrder {
  readonly topupId: string;
  readonly operatorId: string;
  readonly amountCents: number;
  readonly expiresAt: number;
}

/** Signs a link with the whole order in it: a payment is recorded only once it is opened. */
export function signOrder(
  key: Buffer,
  { topupId, operatorId, amountCents, expiresAt }: PaymentOrder,
): string {
  return signLink(key, [topupId, operatorId, amountCents, expiresAt]);
}

/** Returns the order of a link; undefined for a link that was not made here. */
export function verifyOrder(key: Buffer, text: string): PaymentOrder | undefined {
  const facts = verifyLink(key, text) as readonly [string, string, number, number] | undefined;
  if (!facts) return undefined;
  const [topupId, operatorId, amountCents, expiresAt] = facts;
  return isId("tup", topupId) ? { topupId, operatorId, amountCents, expiresAt } : undefined;
}
