import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { newId } from "../../src/shared/ids.ts";
import {
  decode,
  encode,
  type Issued,
  issue,
  makeAgentKey,
  privateKeyOf,
  registerAgent,
  signJwt,
} from "./agents.ts";
import type { TestApp } from "./app.ts";

export interface Forgery {
  readonly name: string;
  readonly token: string;
  readonly code: string;
  readonly reason?: string;
}

const SECOND = 1;

/** A passport, and tokens that are like it and have to be refused, each with its reason. */
export async function forgeries({
  app,
  createOperator,
}: TestApp): Promise<{ issued: Issued; made: Forgery[] }> {
  const owner = await createOperator("owner");
  const [agent, other] = [await registerAgent(owner, "agent"), await registerAgent(owner, "other")];
  const issued = await issue(owner, agent.id);
  const handed = await owner.ok<Issued>("stack_delegate_passport", {
    parent_token: issued.token,
    child_agent_id: other.id,
    ttl_seconds: 600,
  });
  const { kid } = await app.services.signingKeys.active();
  const real = await privateKeyOf(app, kid);
  const nextKid =
    (await app.services.signingKeys.jwks()).keys.find((key) => key.kid !== kid)?.kid ?? "";
  const next = await privateKeyOf(app, nextKid);
  const strange = generateKeyPairSync("ed25519").privateKey;
  const [h = "", p = "", s = ""] = issued.token.split(".");
  const header = { alg: "EdDSA", typ: "passport+jwt", kid };
  const claims = decode(p);
  const { stk } = claims as { stk: Record<string, unknown> };
  const now = Math.floor(Date.now() / 1_000);
  const made: Forgery[] = [];
  const add = (code: string, reason: string | undefined, name: string, token: string) =>
    made.push({ name, token, code, ...(reason ? { reason } : {}) });
  const bad = (reason: string, name: string, token: string) =>
    add("UNAUTHORIZED", reason, name, token);
  const withHeader = (change: object, key: KeyObject = real) =>
    signJwt({ ...header, ...change }, claims, key);
  const withClaims = (change: object, key: KeyObject = real) =>
    signJwt(header, { ...claims, ...change }, key);
  const withStk = (change: object) => withClaims({ stk: { ...stk, ...change } });

  // Without a signature, or with one of another kind.
  for (const alg of [
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    "HS256",
    "HS512",
    "RS256",
    "ES256",
    "ES256K",
    "PS256",
    "Ed25519",
    "Ed448",
    "EDDSA",
    "eddsa",
  ]) {
    bad("header", `alg ${alg || "empty"}`, withHeader({ alg }));
  }
  bad(
    "encoding",
    "alg none without a signature",
    `${encode(JSON.stringify({ ...header, alg: "none" }))}.${p}.`,
  );
  bad(
    "header",
    "alg none with the old signature",
    `${encode(JSON.stringify({ ...header, alg: "none" }))}.${p}.${s}`,
  );
  bad("encoding", "no signature", `${h}.${p}.`);
  bad("encoding", "two segments", `${h}.${p}`);
  bad("encoding", "four segments", `${issued.token}.${s}`);
  bad("encoding", "five segments, as of JWE", `${h}.${p}.${s}.${s}.${s}`);
  const publicBytes = Buffer.from(
    (await app.services.signingKeys.jwks()).keys[0]?.x ?? "",
    "base64url",
  );
  for (const secret of [
    publicBytes,
    Buffer.from(JSON.stringify((await app.services.signingKeys.jwks()).keys[0])),
  ]) {
    const signed = `${encode(JSON.stringify({ ...header, alg: "HS256" }))}.${p}`;
    bad(
      "header",
      "the public key as a secret",
      `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`,
    );
  }
  // Keys.
  bad("signature", "another key under the same kid", withHeader({}, strange));
  bad("key", "a kid that is not there", withHeader({ kid: "stack-passport-v999" }));
  bad("key", "the next key, before it signs", signJwt({ ...header, kid: nextKid }, claims, next));
  bad("signature", "the next key under the kid of the active one", withHeader({}, next));
  bad("key", "no kid", signJwt({ alg: "EdDSA", typ: "passport+jwt" }, claims, real));
  for (const odd of [
    null,
    1,
    {},
    ["stack-passport-v1"],
    "../../etc/passwd",
    "' or 1=1 --",
    "__proto__",
    "",
  ]) {
    bad("key", `kid ${JSON.stringify(odd)}`, withHeader({ kid: odd }));
  }
  const jwk = makeAgentKey().publicJwk;
  for (const trick of [
    { jku: "https://evil.example/jwks.json" },
    { jwk },
    { x5u: "https://evil.example/c.pem" },
    { x5c: ["MII"] },
    { "x5t#S256": "a" },
    { crit: ["exp"], exp: 1 },
    { b64: false, crit: ["b64"] },
    { zip: "DEF" },
    { cty: "JWT" },
    { enc: "A256GCM" },
  ]) {
    bad("header", `header with ${Object.keys(trick)[0]}`, withHeader(trick));
  }
  for (const typ of [
    "JWT",
    "receipt+jwt",
    "audit-checkpoint+jwt",
    "revocations+jwt",
    "PASSPORT+JWT",
    undefined,
    null,
  ]) {
    bad("header", `typ ${typ}`, withHeader({ typ }));
  }
  // The same bytes, written in another way.
  bad("encoding", "padding", `${h}.${p}.${s}==`);
  bad(
    "encoding",
    "base64 in place of base64url",
    `${Buffer.from(h, "base64url").toString("base64")}.${Buffer.from(p, "base64url").toString("base64")}=.${s}`,
  );
  bad("encoding", "a line break inside", `${h}.${p.slice(0, 20)}\n${p.slice(20)}.${s}`);
  bad("encoding", "a bit to spare in the last character", `${h}.${p}.${spareBit(s)}`);
  bad(
    "encoding",
    "header text with a blank",
    `${encode(JSON.stringify(header).replace(",", ", "))}.${p}.${s}`,
  );
  bad(
    "encoding",
    "claims with a blank, well signed",
    signJwt(header, JSON.stringify(claims).replace(",", ", "), real),
  );
  bad(
    "encoding",
    "a claim twice, well signed",
    signJwt(header, JSON.stringify(claims).replace('{"iss"', '{"sub":"agt_x","iss"'), real),
  );
  bad(
    "encoding",
    "a claim twice by escape, well signed",
    signJwt(header, JSON.stringify(claims).replace('{"iss"', '{"s\\u0075b":"agt_x","iss"'), real),
  );
  bad(
    "encoding",
    "stk twice, well signed",
    signJwt(header, JSON.stringify(claims).replace('{"iss"', '{"stk":{},"iss"'), real),
  );
  bad(
    "encoding",
    "a byte order mark, well signed",
    signJwt(header, `\ufeff${JSON.stringify(claims)}`, real),
  );
  bad("encoding", "claims that are a list", signJwt(header, "[1]", real));
  bad("encoding", "claims that are no JSON", signJwt(header, "nothing", real));
  bad("encoding", "a token of a megabyte", `${h}.${"A".repeat(1_000_000)}.${s}`);
  // Bits of another.
  bad("signature", "the claims of another passport", `${h}.${handed.token.split(".")[1]}.${s}`);
  bad("signature", "the signature of another passport", `${h}.${p}.${handed.token.split(".")[2]}`);
  bad("signature", "one bit of the signature", `${h}.${p}.${flipped(s)}`);
  bad(
    "signature",
    "all zeros as a signature",
    `${h}.${p}.${Buffer.alloc(64).toString("base64url")}`,
  );
  // Claims, well signed: what the database does not say is not believed.
  for (const aud of ["stack:agent", "other", ["stack"], "", undefined]) {
    bad(
      aud === "other" ? "audience" : aud === "stack:agent" ? "key" : "claims",
      `aud ${JSON.stringify(aud)}`,
      withClaims({ aud }),
    );
  }
  bad("issuer", "another issuer", withClaims({ iss: "https://api.getstack.run" }));
  for (const name of ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "stk"])
    bad("claims", `no ${name}`, withClaims({ [name]: undefined }));
  bad("not_yet_valid", "nbf in the future", withClaims({ nbf: now + 600, exp: now + 880 }));
  bad("not_yet_valid", "iat in the future", withClaims({ iat: now + 600, exp: now + 880 }));
  add(
    "PASSPORT_EXPIRED",
    "expired",
    "expired for one second",
    withClaims({ iat: now - 100, nbf: now - 100, exp: now - SECOND }),
  );
  add(
    "PASSPORT_EXPIRED",
    "expired",
    "expired long ago",
    withClaims({ iat: 1_000, nbf: 1_000, exp: 1_900 }),
  );
  bad("claims", "longer than an hour", withClaims({ exp: now + 7_200 }));
  bad("claims", "exp as text", withClaims({ exp: String(now + 100) }));
  bad("claims", "exp as a fraction", withClaims({ exp: now + 100.5 }));
  bad("claims", "exp without end", withClaims({ exp: 1e300 }));
  bad("beyond_parent", "beyond what was granted", withClaims({ exp: now + 2_000 }));
  bad(
    "beyond_parent",
    "a child beyond its parent",
    signJwt(header, { ...decode(handed.token.split(".")[1] ?? ""), exp: now + 1_800 }, real),
  );
  bad(
    "claims",
    "another agent",
    withClaims({ sub: other.id, stk: { ...stk, agent_id: other.id } }),
  );
  bad("claims", "sub and stk at odds", withClaims({ sub: other.id }));
  bad("claims", "another operator", withStk({ operator_id: newId("op") }));
  bad("claims", "another session", withStk({ session_id: newId("ses") }));
  bad(
    "claims",
    "a root that was delegated",
    signJwt(
      header,
      {
        ...decode(handed.token.split(".")[1] ?? ""),
        stk: { ...(decode(handed.token.split(".")[1] ?? "").stk as object), delegation_depth: 0 },
      },
      real,
    ),
  );
  bad("unknown", "a jti that was never issued", withClaims({ jti: newId("pp") }));
  bad("unknown", "a jti of another kind", withClaims({ jti: agent.id }));
  bad("unknown", "a jti with a wildcard", withClaims({ jti: "pp_%" }));
  // An agent's own token is no passport, and a passport no signed request.
  const agentKey = makeAgentKey();
  bad("key", "a signed request of an agent that is not enrolled", agentKey.request(agent.id));
  bad("key", "a signed request of no agent", agentKey.request(newId("agt")));
  return { issued, made };
}

/** The last character of 64 bytes has four bits that mean nothing. */
function spareBit(segment: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return segment.slice(0, -1) + (alphabet[alphabet.indexOf(segment.at(-1) ?? "A") + 1] ?? "B");
}

function flipped(segment: string): string {
  const bytes = Buffer.from(segment, "base64url");
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return bytes.toString("base64url");
}
