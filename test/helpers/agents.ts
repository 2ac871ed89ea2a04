import {
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from "node:crypto";
import { Secret } from "../../src/shared/secret.ts";
import { sealedOwner } from "../../storage/repositories/sealed-blobs.ts";
import type { TestApp } from "./app.ts";
import { type Operator, operatorAs } from "./operator.ts";

export interface Issued {
  readonly token: string;
  readonly jti: string;
  readonly session_id: string;
  readonly expires_at: string;
}

/** An agent of an operator's that needs no intent, unless it is said otherwise. */
export async function registerAgent(
  operator: Operator,
  name: string,
  more: Record<string, unknown> = {},
) {
  return operator.ok<{ id: string }>("stack_register_agent", {
    name,
    accountability_mode: "standard",
    ...more,
  });
}

export async function issue(
  operator: Operator,
  agentId: string,
  more: Record<string, unknown> = {},
): Promise<Issued> {
  return operator.ok<Issued>("stack_issue_passport", { agent_id: agentId, ...more });
}

/** Calls with a passport. */
export function carrying(app: TestApp["app"], token: string): Operator {
  return operatorAs(app, { kind: "bearer", token: new Secret(token), source: "the test" });
}

/** Calls as an agent whose request was let in. */
export async function enrol(
  app: TestApp["app"],
  owner: Operator,
  agentId: string,
): Promise<Operator> {
  const key = makeAgentKey();
  const caller = await app.services.authentication.authenticate({ kind: "local" });
  const own = { ...caller, operatorId: owner.id };
  const asked = await app.services.agents.challenge(own, agentId);
  const proof = {
    public_key: key.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: key.sign(asked.challenge),
  };
  await app.services.agents.enrol(own, agentId, proof);
  return operatorAs(app, { kind: "agent", agentId, publicKey: String(key.publicJwk.x) });
}

export interface AgentKey {
  readonly publicJwk: Record<string, unknown>;
  sign(text: string): string;
  /** A request as S3's client signs it. */
  request(
    agentId: string,
    change?: Record<string, unknown>,
    header?: Record<string, unknown>,
  ): string;
}

export function makeAgentKey(): AgentKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    publicJwk: publicKey.export({ format: "jwk" }) as Record<string, unknown>,
    sign: (text) => signText(text, privateKey),
    request(agentId, change = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: "stack-sdk",
        sub: agentId,
        aud: "stack:agent",
        iat: now,
        nbf: now,
        exp: now + 60,
      };
      return signJwt(
        { alg: "EdDSA", typ: "JWT", ...header },
        { ...claims, jti: randomUUID(), ...change },
        privateKey,
      );
    },
  };
}

export function signJwt(header: object, payload: object | string, key: KeyObject): string {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const signed = `${encode(JSON.stringify(header))}.${encode(text)}`;
  return `${signed}.${signText(signed, key)}`;
}

export function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Returns the contents of a segment of a token. */
export function decode(segment: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment, "base64url").toString()) as Record<string, unknown>;
}

/** The private half of a key that signs passports. */
export async function privateKeyOf(app: TestApp["app"], kid: string): Promise<KeyObject> {
  const jwk = JSON.parse(
    await app.store.read((r) => r.sealed.open(sealedOwner.signingKey(kid))),
  ) as object;
  return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
}

function signText(text: string, key: KeyObject): string {
  return sign(null, Buffer.from(text), key).toString("base64url");
}

/** The agent's own key, enrolled, and calls that it signs. */
export async function signingAgent(
  app: TestApp["app"],
  buyer: Operator,
  agentId: string,
): Promise<Operator> {
  const key = makeAgentKey();
  type Challenge = { challenge_id: string; challenge: string };
  const asked = await buyer.ok<Challenge>("stack_enrolment_challenge", { agent_id: agentId });
  await buyer.ok("stack_enrol_agent", {
    agent_id: agentId,
    public_key: key.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: key.sign(asked.challenge),
  });
  return operatorAs(app, { kind: "agent", agentId, publicKey: String(key.publicJwk.x) });
}
