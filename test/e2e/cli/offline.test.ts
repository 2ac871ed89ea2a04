import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Issued, issue, registerAgent } from "../../helpers/agents.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { operatorOn } from "../../helpers/operator.ts";
import { runProgram } from "../../helpers/program.ts";
import { send, startTestServer } from "../../helpers/server.ts";
import { openSkill } from "../../helpers/skills.ts";

/** A server with a purchase by passport, and what it publishes for verifiers in files. */
async function world() {
  const server = await startTestServer();
  const key = await server.createOperator("owner");
  const owner = operatorOn(server.app, "", key);
  const skill = await owner.ok<{ id: string }>("stack_publish_skill", openSkill());
  const agent = await registerAgent(owner, "helper");
  const passport = await issue(owner, agent.id);
  const order = { input: {}, wait_ms: 0 };
  const { body: bought } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key: passport.token,
    body: order,
  });
  await send(server, `POST /v1/skills/invocations/${bought.id}/cancel`, {
    key: passport.token,
    body: {},
  });
  const { body: receipt } = await send(server, `GET /v1/skills/invocations/${bought.id}/receipt`, {
    key,
  });
  const folder = makeHome();
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const jwks = file("jwks.json", (await send(server, "GET /v1/.well-known/jwks.json")).text);
  return { server, key, owner, passport, receipt: String(receipt.receipt), file, jwks };
}

/** A data folder that nobody may make: what is offline opens none. */
const nowhere = () => testEnv("/proc/nowhere");

test("verifies a passport, receipt or audit log by files alone, and says what fails", async () => {
  const { server, key, owner, passport, receipt, file, jwks } = await world();
  const run = (...args: string[]) => runProgram(args, nowhere());
  const good = await run("passport", "verify", passport.token, "--jwks", jwks);
  expect([good.code, JSON.parse(good.stdout)]).toEqual([
    0,
    expect.objectContaining({ jti: passport.jti, aud: "stack" }),
  ]);
  const byUrl = await run(
    "passport",
    "verify",
    passport.token,
    "--jwks",
    `${server.url}/v1/.well-known/jwks.json`,
  );
  expect(byUrl.code).toBe(0);
  const wrong = await run(
    "passport",
    "verify",
    passport.token,
    "--jwks",
    jwks,
    "--issuer",
    "https://other.example",
  );
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    "Not valid: Another server issued the passport.\n",
  ]);
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  const { text: revocations } = await send(server, "GET /v1/.well-known/revocations.jwt");
  const listed = await run(
    "passport",
    "verify",
    passport.token,
    "--jwks",
    jwks,
    "--revocations",
    revocations,
  );
  expect([listed.code, listed.stdout]).toEqual([1, "Not valid: The passport has been revoked.\n"]);

  const said = await run("receipt", "verify", receipt, "--jwks", jwks);
  expect([said.code, JSON.parse(said.stdout)]).toEqual([
    0,
    expect.objectContaining({ status: "cancelled" }),
  ]);
  const [head, body, signature = ""] = receipt.split(".");
  const forged = `${head}.${body}.${signature.replace(/^./, (char) => (char === "A" ? "B" : "A"))}`;
  expect((await run("receipt", "verify", forged, "--jwks", jwks)).code).toBe(1);

  const exported = await send(server, "GET /v1/audit/export?format=ndjson", { key });
  const whole = await run(
    "audit",
    "verify",
    "--file",
    file("whole.jsonl", exported.text),
    "--jwks",
    jwks,
  );
  expect([whole.code, whole.stdout]).toEqual([
    0,
    expect.stringMatching(
      /rows 1 to \d+ of op_\w+, unbroken; the server's checkpoint at its end holds\.$/m,
    ),
  ]);
  const tail = exported.text.split("\n").slice(4).join("\n");
  const later = await run("audit", "verify", "--file", file("tail.jsonl", tail), "--jwks", jwks);
  expect([later.code, later.stdout]).toEqual([
    0,
    expect.stringContaining("unbroken; rows 1 to 4 are not in it; the server's"),
  ]);
  const empty = await run("audit", "verify", "--file", file("empty.jsonl", ""), "--jwks", jwks);
  expect([empty.code, empty.stdout]).toEqual([1, expect.stringContaining("nothing was checked")]);
  const cut = exported.text
    .split("\n")
    .filter((_, line) => line !== 3)
    .join("\n");
  const broken = await run("audit", "verify", "--file", file("cut.jsonl", cut), "--json");
  expect([broken.code, JSON.parse(broken.stdout)]).toEqual([
    1,
    expect.objectContaining({ ok: false, problem: "row 4 is missing" }),
  ]);
  expect(
    (await run("passport", "verify", "nonsense", "--jwks", file("odd.json", "{}"))).stderr,
  ).toContain("is no JWKS");
});

test("checks for revocation, rotates keys and exports the chain with the database", async () => {
  const { server, owner, passport } = await world();
  const run = (...args: string[]) => runProgram(args, testEnv(server.home));
  expect(JSON.parse((await run("passport", "verify", passport.token)).stdout)).toMatchObject({
    valid: true,
  });
  const rotated = await run("passport", "rotate-key");
  expect(rotated.stdout).toMatch(
    /^stack-passport-v2 signs from now on\. stack-passport-v3 is published/,
  );
  expect((await run("passport", "verify", passport.token)).code).toBe(0);
  const later = await owner.ok<Issued>("stack_refresh_passport", { jti: passport.jti });
  expect(Buffer.from(later.token.split(".")[0] ?? "", "base64url").toString()).toContain(
    "stack-passport-v2",
  );
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  const revoked = await run("passport", "verify", passport.token);
  expect([revoked.code, revoked.stdout]).toEqual([1, expect.stringContaining("has been revoked")]);
  expect((await run("audit", "pin")).code).toBe(0);
  const lines = (await run("audit", "export", "owner")).stdout.trim().split("\n");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ seq: 1, action: "operator.create" });
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ checkpoint: expect.any(String) });
  expect((await run("audit", "verify")).code).toBe(0);
});

test("streams exports as JSON, JSON lines and CSV, of an operator's own chain alone", async () => {
  const { server, key, passport } = await world();
  const ask = (query: string, as = key) =>
    send(server, `GET /v1/audit/export${query}`, { key: as });
  const json = await ask("");
  expect(json.body).toMatchObject({ entries: expect.any(Array), checkpoint: expect.any(String) });
  const rows = (json.body.entries as unknown[]).length;
  const csv = await ask("?format=csv");
  expect(csv.headers.get("content-type")).toContain("text/csv");
  expect(csv.text.split("\r\n")[0]).toBe(
    "entry_id,seq,timestamp,operator_id,agent_id,passport_jti,layer,action,outcome,error_code,details,prev_hash,entry_hash",
  );
  expect(csv.text.trim().split("\r\n")).toHaveLength(rows + 1);
  expect((await ask("?format=ndjson&from=2100-01-01T00:00:00Z")).text).toBe("");
  expect((await ask("?from=2100-01-01T00:00:00Z")).body).toEqual({ entries: [] });
  for (const odd of ["?format=xml", "?from=yesterday", "?after_seq=-1"])
    expect((await ask(odd)).status).toBe(400);
  expect((await ask("", passport.token)).status).toBe(403);
  expect((await send(server, "GET /v1/audit/export")).status).toBe(401);
  expect((await ask("", await server.keyFor("owner", ["skills:read"]))).status).toBe(403);
  const other = await server.createOperator("other");
  expect((await ask("", other)).text).not.toContain(passport.jti);
});
