import type { PaymentProcessor } from "./processor.ts";

/** Play money: every payment succeeds at once and none leaves the machine. */
export const localProcessor: PaymentProcessor = {
  name: "local",
  checkoutUrl: () => undefined,
};
