import type { Passport } from "../../../storage/repositories/passports.ts";
import type { CheckoutBucket } from "../../domain/identity/passport.ts";

const SILENCE_GRACE = 1.5;

export const MAX_NAMED = 20;

/**
 * Lists the findings against an agent in its own reports: services that it did not name, reports
 * that it owed.
 */
export function reviewCheckout(
  passport: Passport,
  reports: readonly { readonly undeclared: readonly string[]; readonly created_at: number }[],
  now: number,
): { bucket: CheckoutBucket; findings: string[] } {
  const strange = [...new Set(reports.flatMap(({ undeclared }) => undeclared))].sort();
  const named = strange.slice(0, MAX_NAMED);
  const findings = named.map(
    (name) => `It used ${JSON.stringify(name)}, which its intent does not name.`,
  );
  if (strange.length > named.length)
    findings.push(`It used ${strange.length - named.length} more that its intent does not name.`);
  const { checkpoint_interval: interval, accountability } = passport;
  const silence = longestSilence([
    passport.issued_at,
    ...reports.map(({ created_at }) => created_at),
    now,
  ]);
  if (
    accountability !== "standard" &&
    interval !== null &&
    silence > interval * 1_000 * SILENCE_GRACE
  )
    findings.push(
      `It did not report for ${Math.round(silence / 1_000)} s, and owed a report every ${interval} s.`,
    );
  if (findings.length === 0) return { bucket: "clean", findings };
  return {
    bucket: strange.length > 0 && accountability === "enforced" ? "blocked" : "flagged",
    findings,
  };
}

function longestSilence(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
