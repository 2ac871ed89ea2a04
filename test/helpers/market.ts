import { openTestApp } from "./app.ts";
import { expectSoundBooks } from "./wallet.ts";

export interface Invocation {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: { code: string; message: string; step?: number; line?: number };
}

/** A publisher, a buyer, and the ways between them. */
export async function openMarket(options: Parameters<typeof openTestApp>[0] = {}) {
  const test = await openTestApp(options);
  const [seller, buyer] = [await test.createOperator("seller"), await test.createOperator("buyer")];
  const publish = async (draft: Record<string, unknown>) =>
    (await seller.ok<{ id: string }>("stack_publish_skill", draft)).id;
  const invoke = (
    skill_id: string,
    input: Record<string, unknown> = {},
    more: Record<string, unknown> = {},
  ) =>
    buyer.ok<Invocation & Record<string, unknown>>("stack_invoke_skill", {
      skill_id,
      input,
      wait_ms: 20_000,
      ...more,
    });
  const sound = () => expectSoundBooks(test);
  return { ...test, seller, buyer, publish, invoke, sound };
}
