/** Checks what a STACK server signed, without the server and without a database. */

export type { ExportReport } from "../tokens/audit-export.ts";
export type { AuditCheckpoint } from "../tokens/checkpoint-token.ts";
export type { Jwks, PublicJwk } from "../tokens/ed25519.ts";
export {
  type KeySource,
  type OfflineOptions,
  verifyAuditExportOffline,
  verifyCheckpointOffline,
  verifyPassportOffline,
  verifyReceiptOffline,
} from "../tokens/offline.ts";
export type { PassportClaims, PassportDetails } from "../tokens/passport-token.ts";
export { type Refusal, TokenError } from "../tokens/token.ts";
