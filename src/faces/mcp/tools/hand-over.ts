import { randomUUID } from "node:crypto";
import {
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { HandOff } from "../../../operations/define-operation.ts";
import type { Outcome } from "../../../operations/outcome.ts";
import { clientCapabilities } from "../client-capabilities.ts";
import type { Session } from "../session.ts";
import { type ToolAnswer, toolResult } from "./tool-result.ts";

interface HandOverParts {
  readonly mcp: McpServer;
  readonly context: ServerContext;
  readonly session: Session;
  readonly handOff: HandOff<Record<string, unknown>>;
  readonly input: unknown;
  readonly run: (input: unknown) => Promise<Outcome>;
}

/** Comes back with the person's answer: the key under which the step was opened. */
interface State {
  readonly idempotency_key: string;
}

const WAIT_MS = 5_000;
/** Names the question among those of one call. */
const QUESTION = "page";

/**
 * Handles a call whose next step is a person's. A client that can show a link gets it for the
 * person first. Consent is not the step itself: the same call under the same key then reads the
 * outcome, and opens nothing twice.
 */
export async function handOver({
  mcp,
  context,
  session,
  handOff,
  input,
  run,
}: HandOverParts): Promise<ToolAnswer> {
  const canShow =
    session.elicits && clientCapabilities(mcp, context).elicitation?.url !== undefined;
  if (!canShow) return toolResult(await run(input));
  const state = context.mcpReq.requestState<State>();
  const keyed = { idempotency_key: state?.idempotency_key ?? randomUUID(), ...Object(input) };
  const opened = await run(keyed);
  const url = opened.ok ? handOff.urlOf(opened.value) : undefined;
  if (!opened.ok || url === undefined) return toolResult(opened);
  if (!state && handOff.wasAsked(opened.value)) return toolResult(opened);
  const answer = inputResponse(context.mcpReq.inputResponses, QUESTION);
  if (answer.kind !== "elicit") {
    const question = inputRequired.elicitUrl({ message: handOff.ask(opened.value), url });
    return inputRequired({
      inputRequests: { [QUESTION]: question },
      requestState: await session.requestState.mint(
        { idempotency_key: keyed.idempotency_key },
        context,
      ),
    });
  }
  if (answer.action !== "accept") {
    return toolResult({ ok: true, value: { ...opened.value, next_step: handOff.declined } });
  }
  let outcome: Outcome = opened;
  const hasHappened = async () => {
    outcome = await run(keyed);
    return !outcome.ok || handOff.urlOf(outcome.value) === undefined;
  };
  await session.waitUntil(hasHappened, WAIT_MS);
  return toolResult(outcome);
}
