type AuditLayer = "skills" | "wallet" | "vault" | "proxy" | "passports" | "system";

interface ActionSpec {
  readonly layer: AuditLayer;
  /** The operator whose chain holds the row, and who reads it. */
  readonly chain: string;
  /**
   * Every field that its details may have: ids, cents, counts, digests and words of our own, never
   * content.
   */
  readonly details: readonly string[];
  readonly sentence: string;
}

function told(
  layer: AuditLayer,
  chain: string,
  details: readonly string[],
  sentence: string,
): ActionSpec {
  return { layer, chain, details, sentence };
}

const INVOCATION = ["invocation_id", "skill_id"] as const;
const VERSION = ["skill_id", "version", "digest"] as const;
const OFFER = ["skill_id", "version", "status"] as const;
const CONNECTION = ["connection_id", "provider"] as const;
const GRANT = ["session_id", "expires_at", "parent_jti", "by_agent", "max_total_cents"] as const;
const CALL = [
  ...INVOCATION,
  "draft",
  "host",
  "method",
  "redirects",
  "request_bytes",
  "status",
  "response_bytes",
] as const;

/** The closed table of what the audit log tells. Whoever watches the log matches on these names. */
export const AUDIT_ACTIONS = {
  "agent.register": told(
    "system",
    "operator",
    ["name", "accountability"],
    "An agent was registered.",
  ),
  "agent.update": told("system", "operator", ["fields"], "Settings of an agent were changed."),
  "agent.budget": told(
    "wallet",
    "buyer",
    ["percent", "counter", "period", "limit_cents", "spent_cents"],
    "Half, 80 % or all of an agent's budget for a day or a month is held or charged.",
  ),
  "agent.enrol": told("system", "operator", ["replaced"], "A public key became an agent's own."),
  "agent.unblock": told("system", "operator", [], "A blocked agent may have passports again."),
  "agent.delete": told("system", "operator", [], "An agent was deleted."),
  "operator.create": told("system", "operator", [], "The operator was made."),
  "operator.suspend": told("system", "operator", [], "The host suspended the operator."),
  "operator.resume": told("system", "operator", [], "The host let the operator act again."),
  "operator.rename": told("system", "operator", [], "The host gave the operator another name."),
  "operator.delete": told("system", "operator", [], "The host deleted the operator."),
  "key.create": told("system", "operator", ["key_id", "name", "scopes"], "An API key was made."),
  "key.revoke": told("system", "operator", ["key_id"], "An API key was revoked."),
  "identity.start": told(
    "system",
    "operator",
    ["verification_id", "provider"],
    "A verification began.",
  ),
  "identity.fail": told(
    "system",
    "operator",
    ["verification_id", "provider"],
    "A provider did not verify the operator.",
  ),
  "claim.grant": told(
    "system",
    "operator",
    ["claim_id", "claim_type", "provider"],
    "A provider vouched for a claim.",
  ),
  "claim.revoke": told("system", "operator", ["claim_id"], "A claim was revoked."),
  "skill.publish": told("skills", "publisher", VERSION, "A skill was published."),
  "skill.update": told("skills", "publisher", VERSION, "A skill was changed."),
  "skill.suspend": told("skills", "publisher", OFFER, "A skill was suspended."),
  "skill.activate": told("skills", "publisher", OFFER, "A skill was offered again."),
  "skill.unlist": told("skills", "publisher", OFFER, "A skill was unlisted."),
  "skill.open": told(
    "skills",
    "publisher",
    VERSION,
    "A reviewer read the steps of a version that waits.",
  ),
  "skill.approve": told(
    "skills",
    "publisher and admin; buyer",
    [...OFFER, "invocation_id"],
    "An admin approved a version; or an operator approved a purchase, which names its invocation_id.",
  ),
  "skill.reject": told("skills", "publisher and admin", OFFER, "An admin rejected a version."),
  "skill.deny": told("skills", "buyer", INVOCATION, "An operator denied a purchase."),
  "skill.rate": told("skills", "buyer", [...INVOCATION, "rating"], "A skill was rated."),
  "skill.invoke": told(
    "skills",
    "buyer",
    [...INVOCATION, "digest", "input_digest", "hold_cents"],
    "A skill was invoked, and its hold taken.",
  ),
  "skill.settle": told(
    "skills",
    "buyer",
    [
      ...INVOCATION,
      "output_digest",
      "receipt_digest",
      "price_cents",
      "compute_cents",
      "service_cents",
      "stand_in",
    ],
    "An invocation completed, and was paid.",
  ),
  "skill.earn": told(
    "skills",
    "publisher",
    [...INVOCATION, "output_digest", "earned_cents"],
    "An invocation of the publisher's skill was paid.",
  ),
  "skill.void": told(
    "skills",
    "buyer",
    [...INVOCATION, "why", "receipt_digest"],
    "An invocation ended without a result, and its hold was voided.",
  ),
  "skill.fetch": told("proxy", "buyer", CALL, "A run called a host."),
  "content.erase": told(
    "skills",
    "buyer; operator",
    ["invocation_id", "checkout_id", "passports", "agents", "requests"],
    "Input and output of an invocation, the summary of a checkout, or texts of records that are over (how many), were erased.",
  ),
  "request.post": told("skills", "operator", ["request_id"], "A request was posted."),
  "request.update": told("skills", "operator", ["request_id", "status"], "A request was changed."),
  "service.connect": told(
    "vault",
    "operator",
    [...CONNECTION, "hosts", "auth"],
    "A service was connected.",
  ),
  "service.update": told(
    "vault",
    "operator",
    [...CONNECTION, "fields"],
    "A connection was changed.",
  ),
  "service.disconnect": told(
    "vault",
    "operator",
    CONNECTION,
    "A service was disconnected, and its secret forgotten.",
  ),
  "credential.verify": told(
    "vault",
    "operator",
    [...CONNECTION, "status"],
    "A service was asked whether it takes the secret.",
  ),
  "credential.proxy": told(
    "vault",
    "owner of the connection",
    [...CALL, ...CONNECTION, "provided_by"],
    "A secret was sent to a host for a run.",
  ),
  "credential.refused": told(
    "passports",
    "operator, where the credential is certainly one of its; else the host's `unauthenticated`",
    ["reason", "left_out"],
    "A credential, or what was asked for with it, was refused.",
  ),
  "wallet.grant": told("wallet", "operator", ["amount_cents"], "Play money was granted."),
  "wallet.topup": told(
    "wallet",
    "operator",
    ["topup_id", "amount_cents", "processor", "via", "problem", "paid_cents"],
    "A top-up was opened (pending), paid (success), or not credited (failure).",
  ),
  "wallet.refund": told(
    "wallet",
    "operator",
    ["refund_id", "topup_id", "amount_cents", "processor"],
    "Part of a top-up was refunded.",
  ),
  "wallet.payout": told(
    "wallet",
    "publisher",
    ["payout_id", "period", "amount_cents", "processor"],
    "Earnings are on their way (pending), or arrived (success).",
  ),
  "wallet.payout_account": told(
    "wallet",
    "publisher",
    ["processor", "account"],
    "An account for payouts was opened.",
  ),
  "plan.give": told("wallet", "operator", ["plan"], "The host gave the operator a plan."),
  "plan.subscribe": told(
    "wallet",
    "operator",
    ["plan", "amount_cents"],
    "A plan began, or was renewed.",
  ),
  "plan.downgrade": told(
    "wallet",
    "operator",
    ["plan", "at_period_end"],
    "A smaller plan was chosen.",
  ),
  "plan.end": told("wallet", "operator", ["plan"], "A plan ended."),
  "plan.lapse": told(
    "wallet",
    "operator",
    ["plan"],
    "A plan ended because the wallet did not cover it.",
  ),
  "passport.issue": told("passports", "operator", GRANT, "A passport was issued."),
  "passport.delegate": told("passports", "operator", GRANT, "A passport was delegated."),
  "passport.refresh": told("passports", "operator", GRANT, "A passport was refreshed."),
  "passport.checkpoint": told(
    "passports",
    "operator",
    ["actions_count", "services_used", "undeclared", "undeclared_count", "delegated_to"],
    "An agent reported on the way; blocked when it used what it had not declared.",
  ),
  "passport.checkout": told(
    "passports",
    "operator",
    ["checkout_id", "bucket", "findings", "summary_chars"],
    "An agent reported for the last time, and its passport ended.",
  ),
  "checkout.review": told(
    "passports",
    "operator",
    ["checkout_id", "decision"],
    "A checkout was reviewed.",
  ),
  "passport.revoke": told(
    "passports",
    "operator",
    ["type", "reason", "by_agent"],
    "A passport was revoked.",
  ),
  "passport.revoke_cascade": told(
    "passports",
    "operator",
    ["type", "reason", "by_agent"],
    "A passport was revoked with the one it was delegated from.",
  ),
  "signing_key.rotate": told(
    "passports",
    "the operator of this machine",
    ["next_kid"],
    "The next signing key signs from now on.",
  ),
} satisfies Record<string, ActionSpec>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
