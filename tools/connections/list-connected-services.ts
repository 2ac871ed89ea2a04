import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";
import { connectionView } from "./connection-fields.ts";

export const listConnectedServices = defineOperation({
  name: "stack_list_connected_services",
  title: "List connected services",
  description:
    "Services that you connected: hosts, how the secret is sent, and whether the service accepted the secret. Secrets are never shown.",
  scope: "services:read",
  input: z.strictObject({}),
  output: z.object({ items: z.array(connectionView) }),
  idempotency: "none",
  toolset: "services",
  mcp: READS,
  command: "service list",
  rest: { method: "GET", path: "/v1/services/connected", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.connections.list(caller),
});
