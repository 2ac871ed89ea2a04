import { html } from "hono/html";
import type { CheckoutView } from "../../services/wallet/checkout-service.ts";
import { type Html, layout } from "./layout.ts";
import { dollars, timeText } from "./words.ts";

/** After coming back from a processor, whose word comes a moment later. */
const LOOK_AGAIN_S = 3;

const PARTS: Readonly<Record<CheckoutView["status"], (view: CheckoutView) => Html>> = {
  open,
  paid,
  closed,
};

export function checkoutPage(view: CheckoutView, returned: boolean): Html {
  const waiting = returned && view.status === "open";
  const title = view.status === "paid" ? "Paid" : `Pay ${dollars(view.amountCents)}`;
  const body = html`<main class="card">
    ${view.isPlayMoney ? html`<p class="notice">Play money: nothing is taken from anybody, and nothing leaves this machine.</p>` : ""}
    ${waiting ? confirming(view) : PARTS[view.status](view)}
  </main>`;
  return layout(title, body, waiting ? { refresh: LOOK_AGAIN_S } : {});
}

function open(view: CheckoutView): Html {
  const amount = dollars(view.amountCents);
  const verb = view.isPlayMoney ? `Pay ${amount}` : "Continue to payment";
  return html`<h1>Top up a wallet</h1>
    <p class="amount">${amount}</p>
    <p class="quiet">It pays for work that agents of this account buy.</p>
    <dl>
      <dt>Wallet of</dt><dd>${view.operatorName}</dd>
      <dt>Paid through</dt><dd>${processorName(view)}</dd>
      <dt>Open until</dt><dd><time datetime="${view.expiresAt}">${timeText(view.expiresAt)}</time></dd>
    </dl>
    <form method="post">
      <button name="action" value="pay">${verb}</button>
      <button name="action" value="cancel" class="plain">Cancel</button>
    </form>`;
}

function confirming(view: CheckoutView): Html {
  return html`<h1>Waiting for ${processorName(view)}</h1>
    <p role="status">The payment of ${dollars(view.amountCents)} is being confirmed. This page looks again by itself.</p>
    <p class="quiet">You can close it: the money arrives in the wallet all the same.</p>`;
}

function paid(view: CheckoutView): Html {
  return html`<h1 class="good">Paid</h1>
    <p class="amount">${dollars(view.amountCents)}</p>
    <p role="status">The money is in the wallet of ${view.operatorName}. You can close this page and go back to your agent.</p>`;
}

function closed(view: CheckoutView): Html {
  return html`<h1>This payment is closed</h1>
    <p role="status">It was cancelled, or its time has passed. ${dollars(view.amountCents)} were not charged.</p>
    <p class="quiet">Ask your agent for a new link.</p>`;
}

function processorName({ processor, isPlayMoney }: CheckoutView): string {
  return isPlayMoney ? "this page" : processor.replace(/^./, (first) => first.toUpperCase());
}
