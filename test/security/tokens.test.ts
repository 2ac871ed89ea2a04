import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Secret } from "../../src/shared/secret.ts";
import {
  carrying,
  decode,
  issue,
  privateKeyOf,
  registerAgent,
  signJwt,
} from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { clockAt } from "../helpers/clock.ts";
import { forgeries } from "../helpers/forged-tokens.ts";

test("refuses each forged passport with a reason, and puts it into the audit log", async () => {
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

test("bounds how fast bad tokens fill the log, and counts what was left out", async () => {
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

test("lets old passports live at a rotation, and publishes a key before it signs", async () => {
  let now = Date.now();
  const { app, createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const owner = await createOperator("owner");
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
