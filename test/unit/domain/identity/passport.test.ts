import { expect, test } from "vitest";
import type { AccountabilityMode } from "../../../../src/domain/identity/agent.ts";
import {
  coversService,
  type DelegationRequest,
  delegate,
  type PassportGrant,
  requireService,
  type ServiceGrant,
} from "../../../../src/domain/identity/passport.ts";
import type { Mandate } from "../../../../src/domain/money/mandate.ts";

const PARENT: PassportGrant = {
  services: [
    { connection_id: "scon_a", scopes: ["read", "write"] },
    { connection_id: "scon_b", scopes: ["*"] },
  ],
  claimIds: ["clm_1", "clm_2"],
  mandate: {
    max_total_cents: 500,
    max_per_call_cents: 100,
    skills: ["skl_a", "skl_b"],
    publishers: ["op_a", "op_b"],
    approve_over_cents: 50,
  },
  accountability: "logged",
  checkpointInterval: 300,
};
const ask = (more: Partial<DelegationRequest>): PassportGrant =>
  delegate(PARENT, { accountability: "logged", ...more });
const escalates = (field: string) =>
  expect.objectContaining({
    code: "SCOPE_ESCALATION",
    details: expect.objectContaining({ field }),
    message: expect.stringMatching(new RegExp(`^${field.replace(".", "\\.")}: `)),
  });

test("grants all that the parent has where nothing less is asked for", () => {
  expect(ask({})).toEqual(PARENT);
});

test("grants exactly the part that is asked for", () => {
  const part: DelegationRequest = {
    services: [{ connection_id: "scon_a", scopes: ["read"] }],
    claimIds: ["clm_2"],
    mandate: {
      max_total_cents: 499,
      max_per_call_cents: 99,
      skills: ["skl_b"],
      publishers: ["op_a"],
      approve_over_cents: 0,
    },
    accountability: "enforced",
    checkpointInterval: 60,
  };
  expect(ask(part)).toEqual(part);
});

test("grants nothing of what is asked for as empty", () => {
  const granted = ask({ services: [], claimIds: [], mandate: { skills: [], publishers: [] } });
  expect(granted).toMatchObject({ services: [], claimIds: [] });
  expect(granted.mandate).toMatchObject({ skills: [], publishers: [], max_total_cents: 500 });
});

test.each<[AccountabilityMode, AccountabilityMode]>([
  ["enforced", "logged"],
  ["enforced", "standard"],
  ["logged", "standard"],
])("refuses to go on from %s in %s", (accountability, asked) => {
  expect(() => delegate({ ...PARENT, accountability }, { accountability: asked })).toThrow(
    expect.objectContaining({ code: "DELEGATION_ACCOUNTABILITY_VIOLATION" }),
  );
});

test("keeps to the mode that is asked for when it is as strict or stricter", () => {
  expect(ask({ accountability: "logged" }).accountability).toBe("logged");
  expect(ask({ accountability: "enforced" }).accountability).toBe("enforced");
});

test.each(["max_total_cents", "max_per_call_cents", "approve_over_cents"] as const)(
  "grants as much %s as the parent has, and not a cent more",
  (field) => {
    const most = PARENT.mandate?.[field] ?? 0;
    expect(ask({ mandate: { [field]: most } }).mandate?.[field]).toBe(most);
    expect(() => ask({ mandate: { [field]: most + 1 } })).toThrow(escalates(`mandate.${field}`));
  },
);

test.each(["skills", "publishers"] as const)(
  "refuses %s that the parent does not name",
  (field) => {
    const [one = ""] = PARENT.mandate?.[field] ?? [];
    expect(() => ask({ mandate: { [field]: [one, "other"] } })).toThrow(
      escalates(`mandate.${field}`),
    );
  },
);

test("lets a child of one without a mandate set its own, or have none", () => {
  const free = { ...PARENT, mandate: undefined };
  const mandate: Mandate = { max_total_cents: 7 };
  expect(delegate(free, { accountability: "logged", mandate }).mandate).toEqual(mandate);
  expect(delegate(free, { accountability: "logged" }).mandate).toBeUndefined();
});

test("bounds a child where its parent has no such bound", () => {
  const parent = { ...PARENT, mandate: { max_total_cents: 500 } };
  const mandate = { max_per_call_cents: 9_000, skills: ["skl_x"] };
  expect(delegate(parent, { accountability: "logged", mandate }).mandate).toEqual({
    max_total_cents: 500,
    max_per_call_cents: 9_000,
    skills: ["skl_x"],
  });
});

test("leaves out of a mandate what bounds nothing", () => {
  const parent = { ...PARENT, mandate: { max_total_cents: 500, skills: undefined } };
  const { mandate } = delegate(parent, { accountability: "logged" });
  expect(Object.keys(mandate ?? {})).toEqual(["max_total_cents"]);
});

test("refuses a claim that the parent does not carry", () => {
  expect(() => ask({ claimIds: ["clm_1", "clm_3"] })).toThrow(escalates("identity_claim_ids"));
});

test("lets a child report as often as its parent or oftener, and not more rarely", () => {
  expect(ask({ checkpointInterval: 300 }).checkpointInterval).toBe(300);
  expect(ask({ checkpointInterval: 299 }).checkpointInterval).toBe(299);
  expect(() => ask({ checkpointInterval: 301 })).toThrow(escalates("checkpoint_interval_seconds"));
});

test("lets the child of one that never reports do so", () => {
  const quiet = { ...PARENT, checkpointInterval: undefined };
  expect(
    delegate(quiet, { accountability: "logged", checkpointInterval: 3_600 }).checkpointInterval,
  ).toBe(3_600);
  expect(delegate(quiet, { accountability: "logged" }).checkpointInterval).toBeUndefined();
});

const GIVEN = PARENT.services;

test.each<[ServiceGrant, boolean]>([
  [{ connection_id: "scon_a", scopes: ["read"] }, true],
  [{ connection_id: "scon_a", scopes: ["write", "read"] }, true],
  [{ connection_id: "scon_a", scopes: [] }, true],
  [{ connection_id: "scon_a", scopes: ["read", "admin"] }, false],
  [{ connection_id: "scon_a", scopes: ["*"] }, false],
  [{ connection_id: "scon_b", scopes: ["anything"] }, true],
  [{ connection_id: "scon_b", scopes: ["*"] }, true],
  [{ connection_id: "scon_c", scopes: [] }, false],
])("covers %j: %s", (asked, covered) => {
  expect(coversService(GIVEN, asked)).toBe(covered);
  if (covered) expect(() => requireService(GIVEN, asked)).not.toThrow();
  else
    expect(() => requireService(GIVEN, asked)).toThrow(
      expect.objectContaining({
        code: "SCOPE_ESCALATION",
        details: { field: "scopes", service_connection_id: asked.connection_id },
      }),
    );
});

test("refuses a delegation for one service too many among those that are given", () => {
  const services = [...GIVEN, { connection_id: "scon_c", scopes: ["read"] }];
  expect(() => ask({ services })).toThrow(escalates("scopes"));
});
