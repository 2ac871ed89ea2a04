/** Checks that need neither the program that signed nor its database. */
export {
  verifyAuditExportOffline,
  verifyPassportOffline,
  verifyReceiptOffline,
} from "../tokens/offline.ts";
