/** Checks what a STACK server signed, without the server and without a database. */

export type { ExportReport } from "../passports/audit-export.ts";
export type { AuditCheckpoint } from "../passports/checkpoint-token.ts";
export type { Jwks, PublicJwk } from "../passports/ed25519.ts";
export {
  type KeySource,
  type OfflineOptions,
  verifyAuditExportOffline,
  verifyCheckpointOffline,
  verifyPassportOffline,
  verifyReceiptOffline,
} from "../passports/offline.ts";
export type { PassportClaims, PassportDetails } from "../passports/passport-token.ts";
export { type Refusal, TokenError } from "../passports/token.ts";
