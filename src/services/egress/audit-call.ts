import type { Connection } from "../../../storage/repositories/connections.ts";
import type { Store } from "../../../storage/store.ts";
import type { OwnedCredential } from "../../domain/identity/connection.ts";
import type { Redactor } from "../../egress/redact.ts";
import type { Secret } from "../../shared/secret.ts";
import type { EgressRun } from "./egress-terms.ts";

/** A credential at the moment of its use. */
export interface OpenCredential {
  readonly needed: OwnedCredential;
  readonly ownerId: string;
  readonly connection: Connection;
  readonly secret: Secret<string>;
  readonly redactor: Redactor;
}

/** One call as the audit log records it: by shape, never by value. */
export interface CallShape {
  readonly host: string;
  readonly method: string;
  readonly requestBytes: number;
  /** The hosts to which redirects led. */
  readonly redirects: string[];
  readonly status?: number;
  readonly responseBytes?: number;
  readonly errorCode?: string;
}

const WAS_BLOCKED: readonly (string | undefined)[] = [
  "HOST_NOT_DECLARED",
  "ADDRESS_FORBIDDEN",
  "SERVICE_NOT_DECLARED",
  "SERVICE_NOT_CONNECTED",
  "SERVICE_LIMIT",
];

/** Records a call for the buyer, whose data went out, and for the credential's owner. */
export async function auditCall(
  store: Store,
  { buyerId, about }: EgressRun,
  credential: OpenCredential | undefined,
  call: CallShape,
): Promise<void> {
  const details = {
    ...about,
    host: call.host,
    method: call.method,
    ...(call.redirects.length === 0 ? {} : { redirects: call.redirects }),
    request_bytes: call.requestBytes,
    ...(call.status === undefined ? {} : { status: call.status }),
    ...(call.responseBytes === undefined ? {} : { response_bytes: call.responseBytes }),
  };
  const refusal = WAS_BLOCKED.includes(call.errorCode) ? "blocked" : "failure";
  const outcome = call.errorCode === undefined ? "success" : refusal;
  const row = { outcome, errorCode: call.errorCode } as const;
  await store.transact([buyerId, credential?.ownerId ?? buyerId], async (t) => {
    if (credential) {
      const { ownerId, connection, needed } = credential;
      const { provider, provided_by } = needed;
      const used = { ...details, provider, provided_by, connection_id: connection.id };
      await t.audit.append({
        ...row,
        operatorId: ownerId,
        action: "credential.proxy",
        details: used,
      });
      if (ownerId === buyerId) return;
    }
    await t.audit.append({ ...row, operatorId: buyerId, action: "skill.fetch", details });
  });
}

/** Returns the parts of an answer for the audit log: its status and its length. */
export function sizeOf(answer: unknown): Pick<CallShape, "status" | "responseBytes"> {
  const { status, body } = answer as { status?: unknown; body?: unknown };
  return {
    status: typeof status === "number" ? status : undefined,
    responseBytes:
      typeof body === "string" || Buffer.isBuffer(body) ? Buffer.byteLength(body) : undefined,
  };
}
