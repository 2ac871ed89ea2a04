import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicJwkOf } from "../../src/tokens/ed25519.ts";
import { isSignature, openForeignToken, openToken } from "../../src/tokens/token.ts";
import { makeAgentKey } from "../helpers/agents.ts";

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

test("verifies Ed25519 signatures exactly where Wycheproof says so", () => {
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
  "takes no token of %s: none is signed by EdDSA",
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
