/** What is checked without the program that signed it, and without a database. */
export {
  verifyAuditExportOffline,
  verifyPassportOffline,
  verifyReceiptOffline,
} from "../tokens/offline.ts";
