import { html } from "hono/html";
import type { ApprovalView } from "../../services/invocations/buy/approval-service.ts";
import { type Html, layout } from "./layout.ts";
import { dollars, timeText } from "./words.ts";

/**
 * Shows what an agent asks its operator for. It decides nothing: whoever has the link may not be
 * the operator.
 */
export function approvalPage(view: ApprovalView, origin: string): Html {
  const title = view.status === "waiting" ? "Approval asked for" : CLOSED[view.status].title;
  const body = html`<main class="card">
    ${view.isPlayMoney ? html`<p class="notice">Play money: nothing is taken from anybody, and nothing leaves this machine.</p>` : ""}
    <h1>${title}</h1>
    <p class="amount">${dollars(view.holdCents)}</p>
    <p class="quiet">${whatItIs(view)}</p>
    <dl>
      <dt>Skill</dt><dd>${view.skillName}</dd>
      <dt>Sold by</dt><dd>${view.publisherName}</dd>
      <dt>Asked by</dt><dd>${view.agentName}, an agent of ${view.operatorName}</dd>
      ${view.intent === undefined ? "" : html`<dt>To</dt><dd>${view.intent}</dd>`}
      <dt>Asked at</dt><dd><time datetime="${view.askedAt}">${timeText(view.askedAt)}</time></dd>
      <dt>Open until</dt><dd><time datetime="${view.expiresAt}">${timeText(view.expiresAt)}</time></dd>
    </dl>
    ${view.status === "waiting" ? howToDecide(view, origin) : html`<p role="status">${CLOSED[view.status].sentence}</p>`}
  </main>`;
  return layout(title, body);
}

function whatItIs({ priceCents, holdCents }: ApprovalView): string {
  if (priceCents === holdCents) return "The price, charged only for an output that fits.";
  return `At most: the price is ${dollars(priceCents)}, and what compute does not need of the rest is given back.`;
}

const CLOSED = {
  approved: { title: "Approved", sentence: "It was approved: the work is done, or under way." },
  denied: { title: "Not approved", sentence: "It was denied or cancelled. Nothing is charged." },
  lapsed: { title: "Too late", sentence: "Nobody decided in time. Nothing is charged." },
};

/** Every way is the operator's: its key, or its machine. */
function howToDecide({ invocationId, operatorName }: ApprovalView, origin: string): Html {
  return html`<h2>To decide</h2>
    <p>As ${operatorName}, on the server's machine:</p>
    <pre tabindex="0">stack-mcp approval approve ${invocationId}
stack-mcp approval deny ${invocationId}</pre>
    <p>Or with the key of ${operatorName}; <code>deny</code> in place of <code>approve</code> says no:</p>
    <pre tabindex="0">curl -X POST "${origin}/v1/skills/invocations/${invocationId}/approve" \\
  -H "Authorization: Bearer $STACK_API_KEY"</pre>
    <p class="quiet">Nothing runs before, and nothing is charged if the time passes.</p>`;
}
