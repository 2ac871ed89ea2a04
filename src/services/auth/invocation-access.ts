import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Caller } from "../../domain/identity/caller.ts";

/** Tells whether an agent made an invocation, or a passport's session; true for an operator. */
export function canAccess(caller: Caller, invocation: Invocation): boolean {
  const { agentId, sessionId } = accessFilter(caller);
  if (!caller.agent) return true;
  if (invocation.buyer_id !== caller.operatorId) return false;
  return sessionId === undefined
    ? invocation.agent_id === agentId
    : invocation.session_id === sessionId;
}

export function accessFilter({ agent, passport }: Caller) {
  return { agentId: passport ? undefined : agent?.id, sessionId: passport?.sessionId };
}
