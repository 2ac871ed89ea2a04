import type { CredentialMode, RequiredCredential } from "../../domain/market/skill.ts";
import { invalidRequest } from "../../shared/errors.ts";
import type { Draft } from "./draft.ts";

export function requireCredentials(draft: Draft): void {
  const {
    credential_mode: mode,
    required_credentials: credentials = [],
    seller_credential_limit: limit,
  } = draft;
  if (mode === "none" && credentials.length > 0) {
    throw invalidRequest(
      "required_credentials",
      "required_credentials need a credential_mode other than none.",
    );
  }
  const costly = credentials.findIndex(({ cost_cents_per_call: cost = 0 }) => cost > 0);
  if (costly >= 0 && draft.price_per_invocation === 0) {
    throw invalidRequest(
      `required_credentials.${costly}`,
      `required_credentials.${costly}.cost_cents_per_call needs a price_per_invocation of at least 1: a free skill costs its buyer nothing.`,
    );
  }
  if (limit && mode !== "seller_provides" && mode !== "both") {
    throw invalidRequest(
      "seller_credential_limit",
      "seller_credential_limit needs credential_mode seller_provides or both.",
    );
  }
  const providers = new Set<string>();
  for (const [index, credential] of credentials.entries()) {
    const field = `required_credentials.${index}`;
    if (providers.has(credential.provider))
      throw invalidRequest(field, `${field} names a provider a second time.`);
    providers.add(credential.provider);
    requireSide(mode, credential, field);
  }
}

function requireSide(mode: CredentialMode, credential: RequiredCredential, field: string): void {
  const { provided_by: side } = credential;
  if (mode === "both" && side === undefined) {
    throw invalidRequest(
      field,
      `${field}.provided_by must be buyer or seller: with credential_mode both each credential names its owner.`,
    );
  }
  const implied = mode === "buyer_provides" ? "buyer" : "seller";
  if (mode !== "both" && side !== undefined && side !== implied) {
    throw invalidRequest(
      field,
      `${field}.provided_by must be ${implied}, as credential_mode is ${mode}.`,
    );
  }
  if (credential.cost_cents_per_call !== undefined && (side ?? implied) === "buyer") {
    throw invalidRequest(
      field,
      `${field}.cost_cents_per_call is for the seller's credentials: calls with the buyer's cost nothing here.`,
    );
  }
}
