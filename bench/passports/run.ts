import { fork } from "node:child_process";
import { createHash, type webcrypto } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type App, createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Caller } from "../../src/domain/identity/caller.ts";
import { newId } from "../../src/shared/ids.ts";
import { createLogger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { printRows, type Row, summarise } from "../measure.ts";

/** Passports, the audit chain and revocation, each beside its floor in the same run. */
const ROUNDS = 1_500;
const REVOCATIONS = 40;
const NONE = Number.NaN;
const home = mkdtempSync(join(tmpdir(), "stack-mcp-bench-passports-"));
const env = { PATH: process.env.PATH ?? "", STACK_HOME: home, STACK_MASTER_KEY: "ab".repeat(32) };
const log = createLogger("silent");
let aside = "";

const SKILL: Parameters<App["services"]["publishing"]["publish"]>[1] = {
  name: "forever",
  description: "Runs until it is stopped.",
  version: "1.0.0",
  tags: [],
  execution_mode: "sealed",
  trust_level_required: "L0",
  price_per_invocation: 1,
  input_schema: { type: "object" },
  output_schema: { type: "object" },
  invocation_ttl_seconds: 600,
  credential_mode: "none",
  accepts_requests: false,
  review: "auto",
  execution_steps: [{ type: "script", runtime: "javascript", code: "for (;;);" }],
};

try {
  const app = await createApp(loadConfig(env), { log });
  app.start();
  const { operator_id } = await app.services.operators.create({
    name: "aside",
    plan: "free",
    fundCents: 0,
    claimTypes: [],
  });
  aside = operator_id;
  const owner = await createOperator(app);
  printRows([
    ...(await tokenRows(app, owner)),
    ...(await auditRows(app, owner)),
    ...(await revocationRows(app, owner)),
  ]);
  await app.stop(0);
} finally {
  rmSync(home, { recursive: true, force: true });
}

interface Owner {
  readonly caller: Caller;
  readonly apiKey: string;
  readonly agentId: string;
}

async function createOperator(app: App): Promise<Owner> {
  const made = await app.services.operators.create({
    name: "bench",
    plan: "free",
    fundCents: 1_000_000,
    claimTypes: [],
  });
  const token = new Secret(made.api_key);
  const caller = await app.services.authentication.authenticate({
    kind: "bearer",
    token,
    source: "the bench",
  });
  const agent = await app.services.agents.register(caller, {
    name: "bench",
    accountability_mode: "standard",
    on_warning: "notify",
    on_critical: "notify",
    credential_access: "direct",
    skill_access_mode: "all",
    allowed_skills: [],
    allowed_connections: [],
  });
  return { caller, apiKey: made.api_key, agentId: agent.id };
}

/** Milliseconds of each call, one after the other. */
async function timed(times: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const values = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await call(i);
    values.push(performance.now() - began);
  }
  return summarise(values).p50;
}

async function tokenRows({ services, store }: App, { caller, agentId }: Owner): Promise<Row[]> {
  const tokens: string[] = [];
  const request = { agent_id: agentId, ttl_seconds: 900 };
  const pair = (await crypto.subtle.generateKey("Ed25519", false, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const signed = new TextEncoder().encode("x".repeat(600));
  const row = () => store.transact([aside], (t) => t.operators.insertClaim(claimOf(aside)));
  await timed(200, () => services.passports.issue(caller, request));
  const issue = await timed(ROUNDS, async () =>
    tokens.push((await services.passports.issue(caller, request)).token),
  );
  const issueFloor = await timed(ROUNDS, async () => {
    await row();
    await crypto.subtle.sign("Ed25519", pair.privateKey, signed);
  });
  const verify = await timed(ROUNDS, (i) => services.passports.verify(tokens[i] ?? "", undefined));
  const { publicJwk } = await keyOf(services);
  const verifyFloor = await timed(ROUNDS, (i) => bareVerify(tokens[i] ?? "", publicJwk));
  return [
    {
      what: "issue, beside a row and WebCrypto",
      ours: issue,
      floor: issueFloor,
      unit: "ms",
      aim: "2 ×",
    },
    {
      what: "verify, cold, revocation looked up",
      ours: verify,
      floor: verifyFloor,
      unit: "ms",
      aim: "2 ×",
    },
  ];
}

/** The key that signs, as WebCrypto keeps it. */
async function keyOf({ signingKeys }: App["services"]) {
  const [jwk] = (await signingKeys.jwks()).keys;
  return {
    publicJwk: await crypto.subtle.importKey(
      "jwk",
      { ...jwk } as webcrypto.JsonWebKey,
      "Ed25519",
      false,
      ["verify"],
    ),
  };
}

/** Nothing but the signature of the very same token. */
function bareVerify(token: string, key: webcrypto.CryptoKey): Promise<boolean> {
  const dot = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  return crypto.subtle.verify("Ed25519", key, signature, Buffer.from(token.slice(0, dot)));
}

/** A row of one small table, of an operator whose passports nobody makes. */
function claimOf(operator_id: string) {
  const kind = {
    claim_type: "x",
    provider: "x",
    layer: "humanity",
    assurance_level: "high",
  } as const;
  return { ...kind, id: newId("clm"), operator_id, verification_id: null, expires_at: null };
}

async function auditRows({ services, store }: App, { caller }: Owner): Promise<Row[]> {
  const { operatorId } = caller;
  const event = {
    operatorId,
    action: "wallet.grant",
    outcome: "success",
    details: { amount_cents: 1 },
  } as const;
  const append = await timed(ROUNDS, () =>
    store.transact([operatorId], (t) => t.audit.append(event)),
  );
  const bare = await timed(ROUNDS, () =>
    store.transact([aside], (t) => t.operators.insertClaim(claimOf(aside))),
  );
  const bodies: string[] = [];
  for (let seq = 0; ; ) {
    const page = await store.read((r) => r.audit.rowsAfter(operatorId, seq, 1_000));
    bodies.push(...page.map(({ body }) => body));
    if (page.length === 0) break;
    seq = page.at(-1)?.seq ?? 0;
  }
  const verify = await timed(20, () => services.audit.verifyOwn(caller));
  const hashes = await timed(20, async () =>
    bodies.map((body) => createHash("sha256").update(body).digest("hex")),
  );
  return [
    {
      what: "audit append, beside a durable row",
      ours: append,
      floor: bare,
      unit: "ms",
      aim: "1.5 ×",
    },
    {
      what: `verify ${bodies.length} rows, beside SHA-256`,
      ours: verify,
      floor: hashes,
      unit: "ms",
      aim: "4 ×",
    },
  ];
}

/** A process that holds a passport and runs work under it, while this one or itself revokes it. */
async function revocationRows(app: App, { caller, apiKey, agentId }: Owner): Promise<Row[]> {
  const skill = await app.services.publishing.publish(caller, SKILL);
  const holder = fork(fileURLToPath(new URL("./holder.ts", import.meta.url)), {
    env,
    stdio: "inherit",
  });
  const say = async (message: object): Promise<Told> => {
    holder.send(message);
    const [answer] = (await once(holder, "message")) as [Told];
    return answer;
  };
  await once(holder, "message");
  const rows: Row[] = [];
  for (const where of ["here", "there"] as const) {
    const [refused, died]: number[][] = [[], []];
    for (let i = 0; i < REVOCATIONS; i++) {
      const { token, jti } = await app.services.passports.issue(caller, {
        agent_id: agentId,
        ttl_seconds: 900,
      });
      await say({ run: { token, skillId: skill.id } });
      const told = say({ watch: where === "here" ? { apiKey, jti } : {} });
      const began = performance.timeOrigin + performance.now();
      if (where === "there") await app.services.revocations.revokeOne(caller, jti, undefined);
      const { began: own, refusedAt, diedAt } = await told;
      refused?.push(refusedAt - (own ?? began));
      died?.push(diedAt - (own ?? began));
    }
    const name = where === "here" ? "same process" : "another process";
    const row = (what: string, values: number[] = []) =>
      rows.push({
        what: `revocation to ${what}, ${name}`,
        ours: summarise(values).p50,
        floor: NONE,
        unit: "ms",
        aim: "10 ms",
      });
    row("refusal", refused);
    row("the child's death", died);
  }
  holder.kill();
  return rows;
}

interface Told {
  /** The time of its own revocation; all times in epoch milliseconds. */
  readonly began?: number;
  readonly refusedAt: number;
  readonly diedAt: number;
}
