// A process that makes one invocation and kills itself at the n-th boundary it crosses: before,
// inside and after each transaction, before and after the sandbox. It prints nothing.
// node crash-process.ts <api key> <skill id> <n>
import { createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { ScriptJob } from "../../src/sandbox/outcome.ts";
import type { Transaction } from "../../storage/repository-table.ts";
import { operatorOn } from "./operator.ts";

const [apiKey = "", skillId = "", deadlyText = "0"] = process.argv.slice(2);
const deadly = Number(deadlyText);
let crossed = 0;

const app = await createApp(loadConfig(process.env));
app.start();

const { store, sandbox } = app;
const transact = store.transact.bind(store);
store.transact = async <T>(gates: readonly string[], work: (t: Transaction) => Promise<T>) => {
  cross();
  const result = await transact(gates, async (t) => {
    const value = await work(t);
    cross();
    return value;
  });
  cross();
  return result;
};
const runScript = sandbox.run.bind(sandbox);
sandbox.run = async (job: ScriptJob, signal: AbortSignal) => {
  cross();
  const outcome = await runScript(job, signal);
  cross();
  return outcome;
};

const buyer = operatorOn(app, "", apiKey);
await buyer.call("stack_invoke_skill", {
  skill_id: skillId,
  input: { n: 1 },
  idempotency_key: "order",
  wait_ms: 20_000,
});
await app.stop(0);
process.exit(0);

function cross(): void {
  crossed++;
  if (crossed === deadly) process.kill(process.pid, "SIGKILL");
}
