import * as z from "zod";
import { CONNECTION_STATUSES } from "../../src/domain/identity/connection.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT } from "../fields.ts";
import { connectionId } from "./connection-fields.ts";

export const verifyConnection = defineOperation({
  name: "stack_verify_connection",
  title: "Verify a connection",
  description:
    "Ask the service whether it accepts the secret: one GET of verify_url, or of the first host. 2xx means verified, 401 and 403 mean rejected, any other status decides nothing.",
  scope: "services:write",
  input: z.strictObject({ connection_id: connectionId }),
  output: z.object({
    connection_id: z.string(),
    status: z.enum(CONNECTION_STATUSES),
    http_status: z.number().optional(),
    message: z.string(),
  }),
  idempotency: "none",
  toolset: "services",
  mcp: { ...IDEMPOTENT, openWorldHint: true },
  rest: { method: "POST", path: "/v1/services/connections/:connection_id/verify", status: 200 },
  example: { connection_id: "scon_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: ({ connection_id }, { caller, services, meta }) =>
    services.connections.verify(caller, connection_id, meta.signal),
});
