import type { Operation } from "../../src/operations/define-operation.ts";
import { getAuditHead, queryAudit, verifyAuditChain } from "./audit.ts";

/** The audit log. */
export const AUDIT: readonly Operation[] = [queryAudit, getAuditHead, verifyAuditChain];
