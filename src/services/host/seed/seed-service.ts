import type { Founding, Reader } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import { DomainError, invalidRequest } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import { digestOf } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { contentOf } from "../../skills/content.ts";
import type { PublishRequest } from "../../skills/insert-skill.ts";
import { insertSkill } from "../../skills/insert-skill.ts";

import { DATA_BENCH } from "./data-bench.ts";
import { NIGHT_DESK } from "./night-desk.ts";
import type { SeedSkill } from "./seed-skill.ts";
import { TEXT_WORKS } from "./text-works.ts";

const PUBLISHERS: readonly (readonly [name: string, skills: readonly SeedSkill[]])[] = [
  ["text-works", TEXT_WORKS],
  ["data-bench", DATA_BENCH],
  ["night-desk", NIGHT_DESK],
];

export interface Seeded {
  readonly publishers: readonly {
    readonly name: string;
    readonly operator_id: string;
    readonly made: boolean;
  }[];
  readonly skills: readonly SeededSkill[];
}

interface SeededSkill {
  readonly id: string;
  readonly name: string;
  readonly execution_mode: string;
  readonly price_per_invocation: number;
  readonly publisher: string;
}

export interface SeedParts {
  readonly store: Store;
}

/**
 * A marketplace to look round in: three publishers with skills of every kind, one of which fails on
 * purpose.
 */
export class SeedService {
  readonly #parts: SeedParts;

  constructor(parts: SeedParts) {
    this.#parts = parts;
  }

  /**
   * Fills a play database that nobody but its local operator has used yet; undefined when it is any
   * other.
   */
  async seedNew(): Promise<Seeded | undefined> {
    if (this.#parts.store.instance.stamp !== "play") return undefined;
    if (!(await this.#parts.store.read(isUnused))) return undefined;
    return this.#parts.store.transactAlone(async (t) =>
      (await isUnused(t)) ? seedAll(t) : undefined,
    );
  }

  /**
   * Makes what is not there yet, and offers again what was removed; doing it again changes nothing.
   * A skill that its publisher has changed stays as it is. Throws FORBIDDEN where money is live,
   * and INVALID_REQUEST where another operator has the name of a publisher.
   */
  async seed(): Promise<Seeded> {
    if (this.#parts.store.instance.stamp !== "play") {
      throw new DomainError(
        "FORBIDDEN",
        "This database holds live money: it takes no example publishers.",
      );
    }
    return this.#parts.store.transactAlone(async (t) => seedAll(t));
  }

  /**
   * Takes the example skills off the market. What was bought of them stays readable. The skills
   * that were on offer.
   */
  async remove(): Promise<readonly string[]> {
    return this.#parts.store.transactAlone(async (t) => {
      const removed = [];
      for (const { id, suspended_at } of (await t.operators.list()).filter(
        ({ is_example }) => is_example === 1,
      )) {
        if (suspended_at !== null) await t.operatorAdmin.forgetOffers(id);
        for (const skill of await t.skills.search({
          publisherId: id,
          sort: "newest",
          limit: LIMITS.page.max,
        })) {
          if (skill.status === "suspended") continue;
          await t.skills.update(skill.id, { status: "suspended" });
          const details = {
            skill_id: skill.id,
            version: skill.version,
            status: "suspended",
          } as const;
          await t.audit.append({
            operatorId: id,
            action: "skill.suspend",
            outcome: "success",
            details,
          });
          removed.push(skill.name);
        }
      }
      return removed;
    });
  }
}

async function isUnused(t: Pick<Reader, "operators" | "skills">): Promise<boolean> {
  const [only, another] = await t.operators.list();
  return only !== undefined && !another && (await t.skills.countOf(only.id)) === 0;
}

async function seedAll(t: Founding): Promise<Seeded> {
  const publishers = [];
  const skills = [];
  for (const [name, drafts] of PUBLISHERS) {
    const publisher = await publisherNamed(t, name);
    publishers.push({ name, operator_id: publisher.operator_id, made: publisher.made });
    if (publisher.isSuspended) continue;
    for (const draft of drafts)
      skills.push({ ...(await seedSkill(t, publisher.operator_id, draft)), publisher: name });
  }
  return { publishers, skills };
}

async function publisherNamed(t: Founding, name: string) {
  const found = await t.operators.findByName(name);
  if (found?.is_example === 1)
    return { operator_id: found.id, made: false, isSuspended: found.suspended_at !== null };
  if (found) {
    const message = `An operator of yours is named ${name}, as a publisher of the examples is: the examples cannot be added.`;
    throw invalidRequest("name", message);
  }
  const id = newId("op");
  await t.operators.insert({ id, name, plan: "free", is_local: 0, is_admin: 0, is_example: 1 });
  await t.audit.append({ operatorId: id, action: "operator.create", outcome: "success" });
  return { operator_id: id, made: true, isSuspended: false };
}

async function seedSkill(t: Founding, publisherId: string, draft: SeedSkill) {
  const { name } = draft;
  const found = await t.skills.findByName(publisherId, name);
  if (found) {
    if (found.status === "suspended") await t.skills.update(found.id, { status: "active" });
    return {
      id: found.id,
      name,
      execution_mode: found.execution_mode,
      price_per_invocation: found.price_cents,
    };
  }
  const request: PublishRequest = {
    version: "1.0.0",
    trust_level_required: "L0",
    credential_mode: "none",
    invocation_ttl_seconds: LIMITS.invocationTtlSeconds.default,
    accepts_requests: true,
    review: "auto",
    ...draft,
  };
  const content = contentOf(request);
  const id = await insertSkill(t, publisherId, request, { content, digest: digestOf(content) });
  const { execution_mode, price_per_invocation } = request;
  return { id, name, execution_mode, price_per_invocation };
}
