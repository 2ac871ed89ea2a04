import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Reader, Transaction } from "../../../storage/store.ts";
import { totalExceeded } from "../../domain/passport.ts";
import type { DomainError } from "../../shared/errors.ts";

/** Why a hold does not fit under a passport and all above it; undefined when it does. */
export async function overspending(
  r: Reader | Transaction,
  lineage: readonly string[],
  holdCents: number,
): Promise<DomainError | undefined> {
  for (const jti of lineage) {
    const passport = await r.passports.find(jti);
    if (!passport || passport.max_total_cents === null) continue;
    const { max_total_cents: limitCents, spent_cents: spentCents } = passport;
    if (spentCents + holdCents <= limitCents) continue;
    return totalExceeded({ passportId: jti, isOwn: jti === lineage[0], limitCents, spentCents }, holdCents);
  }
  return undefined;
}

/** Counts a hold against a passport and all above it, in the transaction that takes it. Throws MANDATE_EXCEEDED. */
export async function chargeMandate(t: Transaction, lineage: readonly string[], holdCents: number): Promise<void> {
  const problem = await overspending(t, lineage, holdCents);
  if (problem) throw problem;
  await t.passports.countSpent(lineage, holdCents);
}

/** Gives back what was held and is not charged, to everyone it was counted against. */
export async function creditMandate(t: Transaction, invocation: Invocation, chargedCents: number): Promise<void> {
  const { passport_id: jti, price_cents, reserve_cents, service_reserve_cents } = invocation;
  const unused = price_cents + reserve_cents + service_reserve_cents - chargedCents;
  if (jti === null || unused === 0) return;
  const lineage = await t.passports.lineage(jti);
  await t.passports.countSpent(
    lineage.map((passport) => passport.jti),
    -unused,
  );
}
