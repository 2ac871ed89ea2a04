import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/shared/ids.ts";
import { Secret } from "../../src/shared/secret.ts";
import { publicJwkOf } from "../../src/tokens/ed25519.ts";
import { isSignature, openForeignToken, openToken } from "../../src/tokens/token.ts";
import { sealedOwner } from "../../storage/repositories/sealed-blobs.ts";
import {
  carrying,
  encode,
  type Issued,
  issue,
  makeAgentKey,
  registerAgent,
  signJwt,
} from "../helpers/agents.ts";
import { openTestApp, type TestApp } from "../helpers/app.ts";
import { clockAt } from "../helpers/clock.ts";

interface Vectors {
  readonly testGroups: readonly {
    readonly comment?: string;
    readonly public?: unknown;
    readonly private?: unknown;
    readonly publicKeyJwk?: unknown;
    readonly tests: readonly {
      readonly tcId: number;
      readonly jws?: string;
      readonly msg?: string;
      readonly sig?: string;
      readonly result: string;
    }[];
  }[];
}

function vectors(name: string): Vectors["testGroups"] {
  const path = join(import.meta.dirname, "../fixtures/vectors/wycheproof", `${name}_test.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as Vectors).testGroups;
}

describe("public vectors", () => {
  test("Ed25519 signatures hold exactly where Wycheproof says so", () => {
    let seen = 0;
    for (const group of vectors("ed25519")) {
      const jwk = publicJwkOf(group.publicKeyJwk);
      for (const { tcId, msg = "", sig = "", result } of group.tests) {
        const signature = Buffer.from(sig, "hex").toString("base64url");
        const holds = jwk !== undefined && isSignature(Buffer.from(msg, "hex"), signature, jwk);
        expect([tcId, holds]).toEqual([tcId, result === "valid"]);
        seen++;
      }
    }
    expect(seen).toBe(151);
  });

  test.each(["json_web_signature", "json_web_key"])(
    "no token of %s is taken: none is signed by EdDSA",
    async (name) => {
      const own = makeAgentKey().publicJwk;
      let seen = 0;
      for (const group of vectors(name)) {
        const given = (group.public ?? group.private) as Record<string, unknown>;
        const keys = [given, ...((given.keys as unknown[]) ?? []), own];
        for (const { tcId, jws = "" } of group.tests) {
          for (const key of keys) {
            const jwk = publicJwkOf(key);
            const taken = jwk ? await openForeignToken(jws, jwk).catch(() => undefined) : undefined;
            expect([tcId, taken]).toEqual([tcId, undefined]);
          }
          const ours = await openToken(jws, "passport+jwt", () => publicJwkOf(own)).catch(
            () => undefined,
          );
          expect([tcId, ours]).toEqual([tcId, undefined]);
          seen++;
        }
      }
      expect(seen).toBeGreaterThanOrEqual(26);
    },
  );
});

interface Forgery {
  readonly name: string;
  readonly token: string;
  readonly code: string;
  readonly reason?: string;
}

const SECOND = 1;

async function forgeries({ app, enter }: TestApp): Promise<{ issued: Issued; made: Forgery[] }> {
  const owner = await enter("owner");
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

test("forged passports are refused with a reason, and each is in the audit log", async () => {
  let minutes = 0;
  const opened = await openTestApp({
    start: false,
    clock: clockAt(() => Date.now() + minutes * 60_000),
  });
  const { app } = opened;
  const { issued, made } = await forgeries(opened);
  expect(made.length).toBeGreaterThanOrEqual(60);
  const chain = async () => {
    const rows = await app.store.read((r) =>
      r.audit.query({ operatorId: "unauthenticated", limit: 1_000 }),
    );
    const all = await Promise.all(
      (await app.store.read((r) => r.operators.list())).map(({ id }) =>
        app.store.read((r) => r.audit.query({ operatorId: id, limit: 1_000 })),
      ),
    );
    return [...rows, ...all.flat()].filter(({ body }) => body.includes('"credential.refused"'));
  };
  let before = (await chain()).length;
  for (const [index, { name, token, code, reason }] of made.entries()) {
    // The log takes so many a minute.
    minutes = Math.floor(index / 50);
    const caller = await app.services.authentication
      .admit({ kind: "bearer", token: new Secret(token), source: "the test" }, async () => {})
      .then((credential) => app.services.authentication.authenticate(credential))
      .then(
        () => ({ code: "accepted", details: undefined, message: "" }),
        (error: { code: string; details?: { reason?: string }; message: string }) => error,
      );
    expect([name, caller.code, caller.details?.reason]).toEqual([name, code, reason]);
    expect(caller.message.length).toBeLessThan(300);
    const rows = await chain();
    expect([name, rows.length]).toEqual([name, before + 1]);
    before = rows.length;
  }
  expect((await carrying(app, issued.token).call("stack_browse_skills")).ok).toBe(true);
  expect((await app.services.audit.verify()).every(({ problem }) => problem === undefined)).toBe(
    true,
  );
  for (const { token } of made)
    expect(JSON.stringify(opened.logged)).not.toContain(token.slice(0, 200));
});

test("who sends bad tokens fills the log only so fast, and what was left out is counted", async () => {
  let now = Date.now();
  const { app } = await openTestApp({ start: false, clock: clockAt(() => now) });
  for (let i = 0; i < 100; i++)
    await carrying(app, `eyJ${randomBytes(8).toString("hex")}`).call("stack_browse_skills");
  now += 61_000;
  await carrying(app, "eyJ").call("stack_browse_skills");
  const rows = await app.store.read((r) =>
    r.audit.query({ operatorId: "unauthenticated", limit: 1_000 }),
  );
  expect(rows).toHaveLength(61);
  expect(JSON.parse(rows[0]?.body ?? "")).toMatchObject({ details: { left_out: 40 } });
});

test("a rotation lets old passports live, and the key after it is published before it signs", async () => {
  let now = Date.now();
  const { app, enter } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const owner = await enter("owner");
  const agent = await registerAgent(owner, "agent");
  const before = await issue(owner, agent.id, { ttl_seconds: 3_600 });
  const published = (await app.services.signingKeys.jwks()).keys.map(({ kid }) => kid);
  const { kid } = await app.services.signingKeys.rotate(owner.id);
  expect(published).toContain(kid);
  const after = await issue(owner, agent.id, { ttl_seconds: 3_600 });
  expect(
    JSON.parse(Buffer.from(after.token.split(".")[0] ?? "", "base64url").toString()),
  ).toMatchObject({ kid });
  for (const { token } of [before, after])
    expect((await carrying(app, token).call("stack_browse_skills")).ok).toBe(true);
  const keys = (await app.services.signingKeys.jwks()).keys.map((key) => key.kid);
  expect(keys).toEqual([...published, "stack-passport-v3"]);
  const retired = await privateKeyOf(app, published[0] ?? "");
  now += 3_700_000;
  const [, claims = ""] = after.token.split(".");
  const iat = Math.floor(now / 1_000);
  const late = signJwt(
    { alg: "EdDSA", typ: "passport+jwt", kid: published[0] },
    { ...decode(claims), iat, nbf: iat, exp: iat + 60 },
    retired,
  );
  expect(await carrying(app, late).refused("stack_browse_skills")).toMatchObject({
    details: { reason: "key" },
  });
});

async function privateKeyOf(app: TestApp["app"], kid: string): Promise<KeyObject> {
  const jwk = JSON.parse(
    await app.store.read((r) => r.sealed.open(sealedOwner.signingKey(kid))),
  ) as object;
  return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
}

function decode(segment: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment, "base64url").toString()) as Record<string, unknown>;
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
