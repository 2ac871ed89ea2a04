import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCOUNTABILITY_MODES, isLaxer } from "../../../../src/domain/identity/agent.ts";
import {
  coversService,
  type DelegationRequest,
  delegate,
  type PassportGrant,
} from "../../../../src/domain/identity/passport.ts";
import {
  type Mandate,
  mandateProblems,
  needsApproval,
} from "../../../../src/domain/money/mandate.ts";
import { DomainError } from "../../../../src/shared/errors.ts";

const someOf = (...names: string[]) => fc.subarray(names);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const cents = fc.integer({ min: 0, max: 5 });

const mandate: fc.Arbitrary<Mandate> = fc.record({
  max_total_cents: maybe(cents),
  max_per_call_cents: maybe(cents),
  skills: maybe(someOf("skl_a", "skl_b")),
  publishers: maybe(someOf("op_a", "op_b")),
  approve_over_cents: maybe(cents),
});
const services = fc.uniqueArray(
  fc.record({
    connection_id: fc.constantFrom("scon_a", "scon_b"),
    scopes: fc.oneof(someOf("read", "write"), fc.constant(["*"])),
  }),
  { selector: ({ connection_id }) => connection_id },
);
const accountability = fc.constantFrom(...ACCOUNTABILITY_MODES);
const interval = maybe(fc.integer({ min: 60, max: 63 }));
const claimIds = someOf("clm_1", "clm_2");

const grant: fc.Arbitrary<PassportGrant> = fc.record({
  services,
  claimIds,
  mandate: maybe(mandate),
  accountability,
  checkpointInterval: interval,
});
const request: fc.Arbitrary<DelegationRequest> = fc.record({
  services: maybe(services),
  claimIds: maybe(claimIds),
  mandate: maybe(mandate),
  accountability,
  checkpointInterval: interval,
});

const PURCHASES = ["skl_a", "skl_b"].flatMap((skillId) =>
  ["op_a", "op_b"].flatMap((publisherId) =>
    [0, 1, 2, 3, 4, 5, 6].map((holdCents) => ({ skillId, publisherId, holdCents })),
  ),
);

function attempt(parent: PassportGrant, asked: DelegationRequest): PassportGrant | undefined {
  try {
    return delegate(parent, asked);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function expectWithin(child: PassportGrant, parent: PassportGrant): void {
  for (const service of child.services) expect(coversService(parent.services, service)).toBe(true);
  expect(parent.claimIds).toEqual(expect.arrayContaining([...child.claimIds]));
  expect(isLaxer(child.accountability, parent.accountability)).toBe(false);
  expect(child.checkpointInterval ?? Infinity).toBeLessThanOrEqual(
    parent.checkpointInterval ?? Infinity,
  );
  expect(child.mandate?.max_total_cents ?? Infinity).toBeLessThanOrEqual(
    parent.mandate?.max_total_cents ?? Infinity,
  );
  for (const purchase of PURCHASES) {
    if (mandateProblems("pp", child.mandate ?? {}, purchase).length === 0)
      expect(mandateProblems("pp", parent.mandate ?? {}, purchase)).toEqual([]);
    if (needsApproval(parent.mandate, purchase.holdCents))
      expect(needsApproval(child.mandate, purchase.holdCents)).toBe(true);
  }
}

test("never grants a child more than its parent has", () => {
  let granted = 0;
  fc.assert(
    fc.property(grant, request, (parent, asked) => {
      const child = attempt(parent, asked);
      if (!child) return;
      granted++;
      expectWithin(child, parent);
    }),
    { numRuns: 2_000 },
  );
  expect(granted).toBeGreaterThan(100);
});

test("never grants a grandchild more than the first has", () => {
  let granted = 0;
  fc.assert(
    fc.property(grant, request, request, (first, asked, askedAgain) => {
      const child = attempt(first, asked);
      const grandchild = child && attempt(child, askedAgain);
      if (!grandchild) return;
      granted++;
      expectWithin(grandchild, first);
    }),
    { numRuns: 2_000 },
  );
  expect(granted).toBeGreaterThan(20);
});

test("grants again what it granted before", () => {
  fc.assert(
    fc.property(grant, request, (parent, asked) => {
      const child = attempt(parent, asked);
      if (!child) return;
      expect(delegate(child, { ...asked, mandate: child.mandate })).toEqual(child);
    }),
  );
});

test("leaves the parent as it was", () => {
  fc.assert(
    fc.property(grant, request, (parent, asked) => {
      const before = JSON.stringify(parent);
      attempt(parent, asked);
      expect(JSON.stringify(parent)).toBe(before);
    }),
  );
});
