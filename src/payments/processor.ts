/** Someone who takes money from buyers and brings it to publishers. */
export interface PaymentProcessor {
  readonly name: string;
  /** Where a person pays, or undefined when no page is served; then a payment is made by command. */
  checkoutUrl(topupId: string): string | undefined;
}
