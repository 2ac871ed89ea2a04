import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Caller } from "../../domain/identity/caller.ts";

/** An agent follows what it asked for itself, a passport what was asked for in its session. */
export function reaches(caller: Caller, invocation: Invocation): boolean {
  const { agentId, sessionId } = ownWork(caller);
  if (!caller.agent) return true;
  if (invocation.buyer_id !== caller.operatorId) return false;
  return sessionId === undefined
    ? invocation.agent_id === agentId
    : invocation.session_id === sessionId;
}

export function ownWork({ agent, passport }: Caller) {
  return { agentId: passport ? undefined : agent?.id, sessionId: passport?.sessionId };
}
