import { randomUUID } from "node:crypto";
import {
  type ElicitResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Outcome } from "../../operations/engine.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { Session } from "./session.ts";
import { type ToolAnswer, toolResult } from "./tool-result.ts";

interface PayByLinkParts {
  readonly mcp: McpServer;
  readonly context: ServerContext;
  readonly session: Session;
  readonly input: unknown;
  readonly run: (input: unknown) => Promise<Outcome>;
}

/** What comes back with the person's answer: it names the payment by the key under which it was opened. */
interface PaymentState {
  readonly idempotency_key: string;
}

const WAIT_MS = 5_000;

/**
 * A top-up whose link goes to the person before the caller, where the client can show one. Their consent is no payment:
 * afterwards the payment is looked up, by the same call under the same key, which opens nothing twice.
 */
export async function payByLink({ mcp, context, session, input, run }: PayByLinkParts): Promise<ToolAnswer> {
  if (clientCapabilities(mcp, context).elicitation?.url === undefined) return toolResult(await run(input));
  const state = context.mcpReq.requestState<PaymentState>();
  const keyed = { idempotency_key: state?.idempotency_key ?? randomUUID(), ...Object(input) };
  const opened = await run(keyed);
  if (!opened.ok || opened.value.status !== "pending" || typeof opened.value.checkout_url !== "string") {
    return toolResult(opened);
  }
  const answer = inputResponse(context.mcpReq.inputResponses, "pay");
  if (answer.kind === "elicit") return toolResult(await afterwards(answer.action, opened, session, () => run(keyed)));
  const cents = Number(opened.value.amount_cents);
  const message = `Pay $${(cents / 100).toFixed(2)} into the wallet`;
  return inputRequired({
    inputRequests: { pay: inputRequired.elicitUrl({ message, url: opened.value.checkout_url }) },
    requestState: await session.requestState.mint({ idempotency_key: keyed.idempotency_key }, context),
  });
}

async function afterwards(
  action: ElicitResult["action"],
  opened: Outcome & { readonly ok: true },
  session: Session,
  again: () => Promise<Outcome>,
): Promise<Outcome> {
  if (action !== "accept") {
    const next_step =
      "The person did not open the payment page. It stays open until expires_at; ask before you try again.";
    return { ok: true, value: { ...opened.value, next_step } };
  }
  let outcome: Outcome = opened;
  const isPaid = async () => {
    outcome = await again();
    return !outcome.ok || outcome.value.status !== "pending";
  };
  await session.waitUntil(isPaid, WAIT_MS);
  return outcome;
}
