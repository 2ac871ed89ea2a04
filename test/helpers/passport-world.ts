import { registerAgent } from "./agents.ts";
import { openTestApp } from "./app.ts";

/** A publisher, and a buyer with money and an agent. */
export async function passportWorld(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp(options);
  const [seller, buyer] = [
    await opened.createOperator("seller"),
    await opened.createOperator("buyer", { fundCents: 100_000 }),
  ];
  const agent = await registerAgent(buyer, "helper");
  return { ...opened, seller, buyer, agent };
}
