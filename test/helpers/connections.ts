import type { Operator } from "./operator.ts";

/** A connection of an operator's own to a service that is nowhere. */
export function connectCrm(operator: Operator) {
  return operator.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret: "12345678",
  });
}
