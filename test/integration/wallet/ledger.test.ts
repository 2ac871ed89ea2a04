import fc from "fast-check";
import { expect, test } from "vitest";
import { splitSettlement } from "../../../src/domain/money/money.ts";
import { DomainError } from "../../../src/shared/errors.ts";
import { newId } from "../../../src/shared/ids.ts";
import type { Store } from "../../../storage/store.ts";
import { openTestApp } from "../../helpers/app.ts";
import { SCALE } from "../../helpers/scale.ts";
import { openSkill } from "../../helpers/skills.ts";

type Step =
  | { readonly kind: "grant"; readonly who: number; readonly cents: number }
  | { readonly kind: "hold"; readonly who: number; readonly cents: number }
  | End;

interface End {
  readonly kind: "settle" | "void";
  readonly which: number;
  readonly microUsd: number;
}

const who = fc.integer({ min: 0, max: 2 });

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("grant" as const),
      who,
      cents: fc.integer({ min: 1, max: 500 }),
    }),
    fc.record({ kind: fc.constant("hold" as const), who, cents: fc.integer({ min: 0, max: 300 }) }),
    fc.record({
      kind: fc.constantFrom("settle" as const, "void" as const),
      which: fc.nat(20),
      microUsd: fc.nat(200_000),
    }),
  ),
  { maxLength: 30 },
);

test("balances after random movements, and overdraws no wallet", async () => {
  const { app, createOperator } = await openTestApp();
  const seller = await createOperator("seller");
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 0 }),
  );
  const wallets = [
    await createOperator("ann"),
    await createOperator("bob"),
    await createOperator("cem"),
  ];
  const world = {
    store: app.store,
    seller: seller.id,
    wallets: wallets.map((w) => w.id),
    skillId: skill.id,
  };
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await play(world, sequence);
      expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
    }),
    { numRuns: 40 * SCALE },
  );
});

interface World {
  readonly store: Store;
  readonly seller: string;
  readonly wallets: readonly string[];
  readonly skillId: string;
}

/**
 * Applies the sequence to the real ledger; a hold belongs to a row in `invocations`, so one is made
 * for each.
 */
async function play(world: World, sequence: readonly Step[]): Promise<void> {
  const open: { ref: string; operatorId: string; cents: number }[] = [];
  for (const step of sequence) {
    if (step.kind === "grant") {
      const operatorId = world.wallets[step.who] ?? "";
      await world.store.transact([operatorId], (t) =>
        t.ledger.record({ kind: "grant", ref: newId("ltx"), operatorId, amountCents: step.cents }),
      );
    } else if (step.kind === "hold") {
      const taken = await hold(world, world.wallets[step.who] ?? "", step.cents);
      if (taken) open.push(taken);
    } else if (open.length > 0) {
      const [taken] = open.splice(step.which % open.length, 1);
      if (taken) await end(world, taken, step);
    }
  }
  for (const taken of open) await end(world, taken, { kind: "void", which: 0, microUsd: 0 });
}

const NO_CALLS = { service_reserve_cents: 0, service_cents: 0, service_markup_cents: 0 };

async function hold({ store, seller, skillId }: World, operatorId: string, cents: number) {
  const ref = newId("sinv");
  try {
    await store.transact([operatorId], async (t) => {
      const skill = await t.skills.find(skillId);
      const times = {
        created_at: 1,
        compute_micro_usd: 0,
        progress: null,
        started_at: null,
        completed_at: null,
        expires_at: 9e15,
        erased_at: null,
      };
      const ends = {
        verdict: null,
        failed_step: null,
        failed_line: null,
        failed_limit: null,
        usage: null,
        output_digest: null,
        stand_in: 0,
      };
      const lease = {
        lease_owner: null,
        lease_expires_at: null,
        agent_id: null,
        passport_id: null,
      };
      const money = {
        price_cents: cents,
        reserve_cents: 0,
        compute_cents: 0,
        publisher_cents: 0,
        ...NO_CALLS,
      };
      const parties = {
        skill_id: skillId,
        version_id: skill?.version_id ?? "",
        buyer_id: operatorId,
        publisher_id: seller,
      };
      const state = {
        status: "pending",
        session_id: null,
        awaits_approval: 0,
        isolation: null,
        execution_mode: "open",
        providers: "",
        input_digest: "",
        input_chars: 2,
        call_digest: null,
        refusal_code: null,
        calls: 1,
      } as const;
      await t.invocations.insert({
        id: ref,
        ...parties,
        ...state,
        ...money,
        ...ends,
        ...lease,
        ...times,
      });
      await t.ledger.record({ kind: "hold", ref, operatorId, amountCents: cents });
    });
    return { ref, operatorId, cents };
  } catch (error) {
    if (error instanceof DomainError && error.code === "INSUFFICIENT_CREDITS") return undefined;
    throw error;
  }
}

async function end(
  { store, seller }: World,
  taken: { ref: string; operatorId: string; cents: number },
  step: End,
): Promise<void> {
  const { ref, operatorId, cents } = taken;
  const lease = { lease_owner: seller, lease_expires_at: 9e15 };
  const priceCents = Math.floor(cents / 2);
  const computeMicroUsd = step.microUsd;
  const split = splitSettlement({
    priceCents,
    plan: "developer",
    computeMicroUsd,
    reserveCents: cents - priceCents,
    serviceCents: 0,
  });
  const charged = { compute_cents: split.computeCents, publisher_cents: split.publisherCents };
  const asked = { price_cents: priceCents, reserve_cents: cents - priceCents };
  await store.transact([operatorId, seller], async (t) => {
    await t.invocations.update(ref, { status: "pending" }, { status: "processing", ...lease });
    const settled = step.kind === "settle";
    const change = {
      status: settled ? "completed" : "failed",
      lease_owner: null,
      ...asked,
      ...charged,
    } as const;
    await t.invocations.update(ref, { status: "processing" }, change);
    if (settled)
      await t.ledger.record({ kind: "settle", ref, operatorId, publisherId: seller, split });
    else await t.ledger.record({ kind: "void", ref });
  });
}
