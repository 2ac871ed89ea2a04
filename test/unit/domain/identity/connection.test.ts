import { expect, test } from "vitest";
import { ownedCredentials, SERVER_HEADERS } from "../../../../src/domain/identity/connection.ts";
import { CREDENTIAL_MODES } from "../../../../src/domain/market/skill.ts";

const github = { provider: "github", scopes: ["repo"], cost_cents_per_call: 2 };

test.each([
  ["buyer_provides", "buyer"],
  ["seller_provides", "seller"],
] as const)("says of every credential under %s that it is the %s's", (mode, side) => {
  expect(ownedCredentials(mode, [github, { ...github, provider: "slack" }])).toEqual([
    { ...github, provided_by: side },
    { ...github, provider: "slack", provided_by: side },
  ]);
});

test("keeps under both what each credential says of itself", () => {
  const credentials = [
    { ...github, provided_by: "buyer" },
    { provider: "slack", scopes: [], provided_by: "seller" },
  ] as const;
  expect(ownedCredentials("both", credentials)).toEqual(credentials);
});

test("has no credential where none is required", () => {
  for (const mode of CREDENTIAL_MODES) expect(ownedCredentials(mode, [])).toEqual([]);
});

test("writes the server's own headers as they are compared, in small letters", () => {
  expect(SERVER_HEADERS).toEqual(SERVER_HEADERS.map((name) => name.toLowerCase()));
  expect(SERVER_HEADERS).toContain("host");
  expect(SERVER_HEADERS).not.toContain("authorization");
});
