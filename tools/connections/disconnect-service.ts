import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS } from "../fields.ts";
import { connectionId } from "./connection-fields.ts";

export const disconnectService = defineOperation({
  name: "stack_disconnect_service",
  title: "Disconnect a service",
  description:
    "Delete a connection and its secret, at once and for good. Skills that need the service answer SERVICE_NOT_CONNECTED from then on.",
  scope: "services:write",
  input: z.strictObject({ connection_id: connectionId }),
  output: z.object({ connection_id: z.string(), provider: z.string(), disconnected: z.boolean() }),
  idempotency: "none",
  toolset: "services",
  mcp: CANCELS,
  command: "service disconnect",
  rest: { method: "DELETE", path: "/v1/services/connections/:connection_id", status: 200 },
  example: { connection_id: "scon_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: ({ connection_id }, { caller, services }) =>
    services.connections.disconnect(caller, connection_id),
});
