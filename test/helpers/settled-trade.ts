import { join } from "node:path";
import Database from "better-sqlite3";
import { openTestApp } from "./app.ts";
import { sealedScript } from "./skills.ts";

/** A file with one settled trade in it, and a raw handle that goes behind the program's back. */
export async function settledTrade() {
  const { app, home, createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return $INPUT;"),
  );
  await buyer.ok("stack_invoke_skill", { skill_id: skill.id, input: {}, wait_ms: 20_000 });
  return { app, home, raw: new Database(join(home, "stack.db")), buyer, seller };
}
