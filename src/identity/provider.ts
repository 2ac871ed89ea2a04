import type { AssuranceLevel, ClaimType } from "../domain/identity/trust.ts";

/** Someone who finds out that a caller is a person, or who it is. */
export type IdentityProvider = LocalProvider | RemoteProvider;

interface Described {
  readonly key: string;
  readonly name: string;
  readonly claimTypes: readonly ClaimType[];
  readonly assurance: AssuranceLevel;
}

/** Takes the caller at its word: for play money, to try things with. */
export interface LocalProvider extends Described {
  readonly key: "local";
}

/** A company with pages and webhooks of its own. */
export interface RemoteProvider extends Described {
  readonly key: "stripe_identity";
  /**
   * Opens a verification on the provider's page. The same one again is the same. Throws
   * PROVIDER_NOT_CONFIGURED.
   */
  start(order: {
    readonly verificationId: string;
    readonly returnUrl: string | undefined;
  }): Promise<StartedVerification>;
  /**
   * Reads the event of a webhook; undefined for one that concerns nothing here. Throws FORBIDDEN
   * unless the provider signed it just now.
   */
  readWebhook(
    body: string,
    header: (name: string) => string | undefined,
  ): Promise<{ readonly sessionRef: string; readonly verified: boolean } | undefined>;
}

export interface StartedVerification {
  /** The provider's name for it. */
  readonly sessionRef: string;
  /** The page on which the person goes on. */
  readonly url: string;
}

export const localProvider: LocalProvider = {
  key: "local",
  name: "This database's own word (play money)",
  claimTypes: ["verified_human", "verified_identity"],
  assurance: "substantial",
};
