import { expect, test } from "vitest";
import { agentAtWork } from "../helpers/agent-at-work.ts";
import { makeAgentKey } from "../helpers/agents.ts";
import { makeHome } from "../helpers/home.ts";
import { operatorOn } from "../helpers/operator.ts";
import { rawDatabase } from "../helpers/raw-database.ts";

test("takes neither a published checkpoint nor a foreign key as leave to drop rows", async () => {
  const home = makeHome();
  const { app, owner } = await agentAtWork({ start: false, home });
  const head = await owner.ok<{ seq: number; hash: string; checkpoint: string }>(
    "stack_get_audit_head",
  );
  const raw = rawDatabase(home);
  raw
    .prepare("insert into audit_checkpoints values (?, ?, ?, ?, 0)")
    .run(owner.id, head.seq, head.hash, head.checkpoint);
  raw.prepare("delete from audit_log where operator_id = ?").run(owner.id);
  const problems = async () =>
    (await app.services.audit.verify()).map(({ problem }) => problem ?? "").join();
  expect(await problems()).toContain("this server did not sign the checkpoint");
  raw
    .prepare("insert into signing_keys values ('mine', ?, 'retired', 0, 0)")
    .run(JSON.stringify(makeAgentKey().publicJwk));
  const before = await app.services.signingKeys.jwks();
  expect(before.keys.map(({ kid }) => kid)).not.toContain("mine");
  raw
    .prepare("update signing_keys set public_jwk = ?")
    .run(JSON.stringify(makeAgentKey().publicJwk));
  expect(await app.services.signingKeys.jwks()).toEqual(before);
});

test("leaves room in everybody's own log when somebody floods it with bad keys", async () => {
  const { app, owner, passport, carried } = await agentAtWork({ start: false });
  for (let i = 0; i < 70; i++)
    await operatorOn(app, "", `sk_live_op_${i}`).call("stack_browse_skills");
  await carried.refused("stack_list_transactions");
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  await carried.refused("stack_browse_skills");
  const { entries } = await owner.ok<{ entries: { action: string; error_code: string }[] }>(
    "stack_query_audit",
    {},
  );
  const refused = entries
    .filter(({ action }) => action === "credential.refused")
    .map(({ error_code }) => error_code);
  expect(refused).toEqual(["PASSPORT_REVOKED", "FORBIDDEN"]);
});
