import type { SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import { type OwnedCredential, ownedCredentials } from "../../domain/identity/connection.ts";
import { providersOf } from "../../domain/market/skill.ts";
import { type SellerBounds, sellerBounds } from "../../domain/runs/metering.ts";

/** The credentials of a version, each with whose it is. */
export function credentialsOf(version: SkillVersion): OwnedCredential[] {
  return ownedCredentials(version.credential_mode, version.required_credentials);
}

/** Returns the bounds of its publisher's credentials in one run. */
export function boundsOf(version: SkillVersion): SellerBounds {
  return sellerBounds(version.pipeline, credentialsOf(version), version.seller_credential_limit);
}

/**
 * The model providers that the server's own key is needed for: buyer or seller bring the others'.
 */
export function serverProviders({ pipeline, required_credentials }: SkillVersion): string[] {
  const brought = required_credentials.map(({ provider }) => provider);
  return providersOf(pipeline).filter((provider) => !brought.includes(provider));
}
