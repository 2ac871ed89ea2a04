import type { CredentialMode, RequiredCredential } from "../market/skill.ts";

/** The place in which a service wants its secret. No field is secret itself. */
export type ConnectionAuth =
  | { readonly type: "bearer" }
  | { readonly type: "basic"; readonly username: string }
  /** `prefix` stands before the secret, as in `Token abc`. */
  | { readonly type: "header"; readonly name: string; readonly prefix?: string | undefined }
  | { readonly type: "query"; readonly name: string };

export const AUTH_TYPES = ["bearer", "basic", "header", "query"] as const;

/**
 * Headers that say where a request ends and where it goes: the server sets them, and nobody else.
 */
export const SERVER_HEADERS: readonly string[] = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "expect",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
];

/** The service's own answer about the secret when it was last asked. */
export const CONNECTION_STATUSES = ["unverified", "verified", "rejected"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

export type Side = "buyer" | "seller";

/** A credential that a run needs, and whose it is. */
export interface OwnedCredential extends RequiredCredential {
  readonly provided_by: Side;
}

/** With `both` every credential says whose it is; the other modes say it for all. */
export function ownedCredentials(
  mode: CredentialMode,
  credentials: readonly RequiredCredential[],
): OwnedCredential[] {
  const implied: Side = mode === "buyer_provides" ? "buyer" : "seller";
  return credentials.map((credential) => ({
    ...credential,
    provided_by: credential.provided_by ?? implied,
  }));
}
