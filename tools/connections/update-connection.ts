import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { staying, WRITES } from "../fields.ts";
import { connectionDraft, connectionId, connectionView, hidden } from "./connection-fields.ts";

export const updateConnection = defineOperation({
  name: "stack_update_connection",
  title: "Update a connection",
  description:
    "Change a connection of yours; a field left out stays. To change hosts or auth, give the secret again: hosts and auth decide where the secret goes.",
  scope: "services:write",
  input: z.strictObject({
    connection_id: connectionId,
    ...staying(connectionDraft),
  }),
  output: connectionView,
  idempotency: "none",
  toolset: "services",
  mcp: WRITES,
  command: "service connect --replace",
  rest: { method: "PATCH", path: "/v1/services/connections/:connection_id", status: 200 },
  example: { connection_id: "scon_01jcyxxxxxxxxxxxxxxxxxxxxx", secret: "your-new-key-here" },
  handle: ({ connection_id, ...change }, { caller, services }) =>
    services.connections.update(caller, connection_id, hidden(change)),
});
