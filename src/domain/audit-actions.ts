type AuditLayer = "skills" | "wallet" | "vault" | "proxy" | "passports" | "system";

interface ActionSpec {
  readonly layer: AuditLayer;
  /** Whose chain holds the row: that operator reads it. */
  readonly chain: string;
  /** Every field that its details may have: ids, cents, counts, digests and words of our own, never content. */
  readonly details: readonly string[];
  readonly sentence: string;
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
  "agent.register": {
    layer: "system",
    chain: "operator",
    details: ["name", "accountability"],
    sentence: "An agent was registered.",
  },
  "agent.update": {
    layer: "system",
    chain: "operator",
    details: ["fields"],
    sentence: "Settings of an agent were changed.",
  },
  "agent.enrol": {
    layer: "system",
    chain: "operator",
    details: ["replaced"],
    sentence: "A public key became an agent's own.",
  },
  "agent.unblock": {
    layer: "system",
    chain: "operator",
    details: [],
    sentence: "A blocked agent may have passports again.",
  },
  "agent.delete": { layer: "system", chain: "operator", details: [], sentence: "An agent was deleted." },
  "operator.create": { layer: "system", chain: "operator", details: [], sentence: "The operator was made." },
  "key.create": {
    layer: "system",
    chain: "operator",
    details: ["key_id", "name", "scopes"],
    sentence: "An API key was made.",
  },
  "key.revoke": { layer: "system", chain: "operator", details: ["key_id"], sentence: "An API key was revoked." },
  "identity.start": {
    layer: "system",
    chain: "operator",
    details: ["verification_id", "provider"],
    sentence: "A verification began.",
  },
  "identity.fail": {
    layer: "system",
    chain: "operator",
    details: ["verification_id", "provider"],
    sentence: "A provider did not verify the operator.",
  },
  "claim.grant": {
    layer: "system",
    chain: "operator",
    details: ["claim_id", "claim_type", "provider"],
    sentence: "A provider vouched for a claim.",
  },
  "claim.revoke": { layer: "system", chain: "operator", details: ["claim_id"], sentence: "A claim was revoked." },
  "skill.publish": { layer: "skills", chain: "publisher", details: VERSION, sentence: "A skill was published." },
  "skill.update": { layer: "skills", chain: "publisher", details: VERSION, sentence: "A skill was changed." },
  "skill.suspend": { layer: "skills", chain: "publisher", details: OFFER, sentence: "A skill was suspended." },
  "skill.activate": { layer: "skills", chain: "publisher", details: OFFER, sentence: "A skill was offered again." },
  "skill.unlist": { layer: "skills", chain: "publisher", details: OFFER, sentence: "A skill was unlisted." },
  "skill.approve": {
    layer: "skills",
    chain: "publisher and admin; buyer",
    details: [...OFFER, "invocation_id"],
    sentence: "An admin approved a version; or an operator approved a purchase, which names its invocation_id.",
  },
  "skill.reject": {
    layer: "skills",
    chain: "publisher and admin",
    details: OFFER,
    sentence: "An admin rejected a version.",
  },
  "skill.deny": { layer: "skills", chain: "buyer", details: INVOCATION, sentence: "An operator denied a purchase." },
  "skill.rate": {
    layer: "skills",
    chain: "buyer",
    details: [...INVOCATION, "rating"],
    sentence: "A skill was rated.",
  },
  "skill.invoke": {
    layer: "skills",
    chain: "buyer",
    details: [...INVOCATION, "digest", "input_digest", "hold_cents"],
    sentence: "A skill was invoked, and its hold taken.",
  },
  "skill.settle": {
    layer: "skills",
    chain: "buyer",
    details: [
      ...INVOCATION,
      "output_digest",
      "receipt_digest",
      "price_cents",
      "compute_cents",
      "service_cents",
      "stand_in",
    ],
    sentence: "An invocation completed, and was paid.",
  },
  "skill.earn": {
    layer: "skills",
    chain: "publisher",
    details: [...INVOCATION, "output_digest", "earned_cents"],
    sentence: "An invocation of the publisher's skill was paid.",
  },
  "skill.void": {
    layer: "skills",
    chain: "buyer",
    details: [...INVOCATION, "why", "receipt_digest"],
    sentence: "An invocation ended without a result, and its hold was voided.",
  },
  "skill.fetch": {
    layer: "proxy",
    chain: "buyer",
    details: CALL,
    sentence: "A run called a host.",
  },
  "content.erase": {
    layer: "skills",
    chain: "buyer; operator",
    details: ["invocation_id", "checkout_id"],
    sentence: "Input and output of an invocation, or the summary of a checkout, were erased.",
  },
  "request.post": { layer: "skills", chain: "operator", details: ["request_id"], sentence: "A request was posted." },
  "request.update": {
    layer: "skills",
    chain: "operator",
    details: ["request_id", "status"],
    sentence: "A request was changed.",
  },
  "service.connect": {
    layer: "vault",
    chain: "operator",
    details: [...CONNECTION, "hosts", "auth"],
    sentence: "A service was connected.",
  },
  "service.update": {
    layer: "vault",
    chain: "operator",
    details: [...CONNECTION, "fields"],
    sentence: "A connection was changed.",
  },
  "service.disconnect": {
    layer: "vault",
    chain: "operator",
    details: CONNECTION,
    sentence: "A service was disconnected, and its secret forgotten.",
  },
  "credential.verify": {
    layer: "vault",
    chain: "operator",
    details: [...CONNECTION, "status"],
    sentence: "A service was asked whether it takes the secret.",
  },
  "credential.proxy": {
    layer: "vault",
    chain: "owner of the connection",
    details: [...CALL, ...CONNECTION, "provided_by"],
    sentence: "A secret was sent to a host for a run.",
  },
  "credential.refused": {
    layer: "passports",
    chain: "operator, where the credential is certainly one of its; else the host's `unauthenticated`",
    details: ["reason", "left_out"],
    sentence: "A credential, or what was asked for with it, was refused.",
  },
  "wallet.grant": {
    layer: "wallet",
    chain: "operator",
    details: ["amount_cents"],
    sentence: "Play money was granted.",
  },
  "wallet.topup": {
    layer: "wallet",
    chain: "operator",
    details: ["topup_id", "amount_cents", "processor", "via", "problem", "paid_cents"],
    sentence: "A top-up was opened (pending), paid (success), or not credited (failure).",
  },
  "wallet.refund": {
    layer: "wallet",
    chain: "operator",
    details: ["refund_id", "topup_id", "amount_cents", "processor"],
    sentence: "Part of a top-up was refunded.",
  },
  "wallet.payout": {
    layer: "wallet",
    chain: "publisher",
    details: ["payout_id", "period", "amount_cents", "processor"],
    sentence: "Earnings are on their way (pending), or arrived (success).",
  },
  "wallet.payout_account": {
    layer: "wallet",
    chain: "publisher",
    details: ["processor", "account"],
    sentence: "An account for payouts was opened.",
  },
  "plan.subscribe": {
    layer: "wallet",
    chain: "operator",
    details: ["plan", "amount_cents"],
    sentence: "A plan began, or was renewed.",
  },
  "plan.downgrade": {
    layer: "wallet",
    chain: "operator",
    details: ["plan", "at_period_end"],
    sentence: "A smaller plan was chosen.",
  },
  "plan.end": { layer: "wallet", chain: "operator", details: ["plan"], sentence: "A plan ended." },
  "plan.lapse": {
    layer: "wallet",
    chain: "operator",
    details: ["plan"],
    sentence: "A plan ended because the wallet did not cover it.",
  },
  "passport.issue": { layer: "passports", chain: "operator", details: GRANT, sentence: "A passport was issued." },
  "passport.delegate": {
    layer: "passports",
    chain: "operator",
    details: GRANT,
    sentence: "A passport was delegated.",
  },
  "passport.refresh": { layer: "passports", chain: "operator", details: GRANT, sentence: "A passport was refreshed." },
  "passport.checkpoint": {
    layer: "passports",
    chain: "operator",
    details: ["actions_count", "services_used", "undeclared", "undeclared_count", "delegated_to"],
    sentence: "An agent reported on the way; blocked when it used what it had not declared.",
  },
  "passport.checkout": {
    layer: "passports",
    chain: "operator",
    details: ["checkout_id", "bucket", "findings", "summary_chars"],
    sentence: "An agent reported for the last time, and its passport ended.",
  },
  "checkout.review": {
    layer: "passports",
    chain: "operator",
    details: ["checkout_id", "decision"],
    sentence: "A checkout was reviewed.",
  },
  "passport.revoke": {
    layer: "passports",
    chain: "operator",
    details: ["type", "reason", "by_agent"],
    sentence: "A passport was revoked.",
  },
  "passport.revoke_cascade": {
    layer: "passports",
    chain: "operator",
    details: ["type", "reason", "by_agent"],
    sentence: "A passport was revoked with the one it was delegated from.",
  },
  "signing_key.rotate": {
    layer: "passports",
    chain: "the operator of this machine",
    details: ["next_kid"],
    sentence: "The next signing key signs from now on.",
  },
} as const satisfies Record<string, ActionSpec>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** The fields that the details of an action may have. */
export function detailFieldsOf(action: AuditAction): readonly string[] {
  return AUDIT_ACTIONS[action].details;
}
