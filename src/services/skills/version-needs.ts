import type { SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import { type OwnedCredential, ownedCredentials } from "../../domain/identity/connection.ts";
import { providersOf } from "../../domain/market/skill.ts";
import { type SellerBounds, sellerBounds } from "../../domain/runs/metering.ts";

/** Returns the credentials of a version, each with its owner. */
export function credentialsOf(version: SkillVersion): OwnedCredential[] {
  return ownedCredentials(version.credential_mode, version.required_credentials);
}

/** Returns the bounds of the publisher's credentials in one run. */
export function boundsOf(version: SkillVersion): SellerBounds {
  return sellerBounds(version.pipeline, credentialsOf(version), version.seller_credential_limit);
}

/**
 * Lists the model providers that need the server's own key: buyer or seller bring the other keys.
 */
export function serverProviders({ pipeline, required_credentials }: SkillVersion): string[] {
  const brought = required_credentials.map(({ provider }) => provider);
  return providersOf(pipeline).filter((provider) => !brought.includes(provider));
}
