import { setImmediate as turn } from "node:timers/promises";
import { createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import { createLogger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { busiestOf, childrenOf } from "../../test/helpers/processes.ts";

// Holds a passport and runs work under it; tells when the passport is refused here and when the
// child is dead.
const app = await createApp(loadConfig(process.env), { log: createLogger("silent") });
app.start();
let credential = bearer("");
let child = 0;
/** A child that only starts takes less of the processor. */
const BUSY_MS = 200;

interface Message {
  readonly run?: { readonly token: string; readonly skillId: string };
  readonly watch?: { readonly apiKey?: string; readonly jti?: string };
}

process.on("message", ({ run, watch }: Message) => void (run ? start(run) : follow(watch ?? {})));
process.send?.("ready");

async function start({ token, skillId }: NonNullable<Message["run"]>): Promise<void> {
  credential = bearer(token);
  const caller = await app.services.authentication.authenticate(credential);
  const { signal } = new AbortController();
  await app.services.invocations.invoke(
    caller,
    { skill_id: skillId, input: {}, wait_ms: 0 },
    { signal, isGivenUp: () => false },
  );
  for (child = 0; child === 0; ) {
    child = busiestOf(process.pid, BUSY_MS) ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  process.send?.("running");
}

async function follow({ apiKey, jti }: NonNullable<Message["watch"]>): Promise<void> {
  let began: number | undefined;
  if (apiKey !== undefined && jti !== undefined) {
    const owner = await app.services.authentication.authenticate(bearer(apiKey));
    began = now();
    void app.services.revocations.revokeOne(owner, jti, undefined);
  }
  let [refusedAt, diedAt] = [0, 0];
  while (refusedAt === 0 || diedAt === 0) {
    if (refusedAt === 0 && !(await app.services.authentication.stillHolds(credential)))
      refusedAt = now();
    if (diedAt === 0 && !childrenOf(process.pid).includes(child)) diedAt = now();
    await turn();
  }
  process.send?.({ began, refusedAt, diedAt });
}

function bearer(token: string) {
  return { kind: "bearer", token: new Secret(token), source: "the bench" } as const;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
