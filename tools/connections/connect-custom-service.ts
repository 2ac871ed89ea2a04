import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { Secret } from "../../src/shared/secret.ts";
import { WRITES } from "../fields.ts";
import { connectionDraft, connectionView } from "./connection-fields.ts";

export const connectCustomService = defineOperation({
  name: "stack_connect_custom_service",
  title: "Connect a service",
  description:
    "Store a key, token or password for a service of yours, with the hosts it may go to. Skills that name the provider in required_credentials then call the service through proxy_fetch(url, {service: provider}); no skill sees the secret. Next: stack_verify_connection.",
  scope: "services:write",
  input: z.strictObject({
    provider: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a provider slug, for example slack")
      .describe(
        "Slug that skills ask for, for example slack; a model provider's, such as openai, serves model steps too",
      ),
    ...connectionDraft,
    display_name: connectionDraft.display_name.optional().meta(ABSENT_IS_LESS),
    verify_url: connectionDraft.verify_url.optional().meta(ABSENT_IS_LESS),
  }),
  output: connectionView,
  idempotency: "none",
  toolset: "services",
  mcp: WRITES,
  command: "service connect",
  rest: { method: "POST", path: "/v1/services/custom", status: 201 },
  example: {
    provider: "acme-crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret: "your-key-here",
    verify_url: "https://api.acme.example/me",
  },
  handle: (input, { caller, services }) => {
    const { secret, ...rest } = input;
    return services.connections.connect(caller, { ...rest, secret: new Secret(secret) });
  },
});
