/** Someone who takes money from buyers and brings it to publishers. Amounts are whole US cents. */
export type PaymentProcessor = LocalProcessor | RemoteProcessor;

/** Play money: a page of this program takes it, and none leaves the machine. */
export interface LocalProcessor {
  readonly name: "local";
}

/** A company with pages and webhooks of its own, for live money. */
export interface RemoteProcessor {
  readonly name: "stripe" | "paddle";
  /**
   * Opens a payment on the processor's page. The same top-up again is the same payment. Throws
   * PAYMENTS_UNAVAILABLE.
   */
  openCheckout(order: CheckoutOrder): Promise<ProcessorPage>;
  /**
   * Gives back a part of a payment. The same refund again is done once. Throws
   * PAYMENTS_UNAVAILABLE.
   */
  refund(order: RefundOrder): Promise<void>;
  /**
   * Reads the event of a webhook; undefined for one that concerns nothing here. Throws FORBIDDEN
   * unless the processor signed it just now.
   */
  readWebhook(
    body: string,
    header: (name: string) => string | undefined,
  ): Promise<PaymentEvent | undefined>;
  readonly payouts?: PayoutDesk | undefined;
}

export interface PayoutDesk {
  /** Opens the page on which a publisher tells the processor its name and its account. */
  onboard(
    request: OnboardingRequest,
  ): Promise<{ readonly accountRef: string; readonly url: string }>;
  /** The same payout again is done once. Throws PAYMENTS_UNAVAILABLE. */
  pay(order: PayoutOrder): Promise<{ readonly ref: string }>;
}

export interface CheckoutOrder {
  readonly topupId: string;
  readonly amountCents: number;
  /** The page to which the person comes back. */
  readonly returnUrl: string;
}

export interface ProcessorPage {
  readonly url: string;
  /** The processor's name for the payment page. */
  readonly ref: string;
}

export interface RefundOrder {
  readonly refundId: string;
  /** As the webhook of the payment named it. */
  readonly paymentRef: string;
  readonly amountCents: number;
}

export interface OnboardingRequest {
  readonly operatorId: string;
  readonly accountRef: string | undefined;
  readonly returnUrl: string;
}

export interface PayoutOrder {
  readonly payoutId: string;
  readonly accountRef: string;
  readonly amountCents: number;
}

export type PaymentEvent =
  | {
      readonly kind: "paid";
      readonly topupId: string;
      readonly paymentRef: string;
      readonly amountCents: number;
      readonly currency: string;
    }
  | { readonly kind: "account"; readonly accountRef: string; readonly ready: boolean };
