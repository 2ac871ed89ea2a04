import type { Store } from "../../../storage/store.ts";
import { type Caller, OPERATOR_SCOPES } from "../../domain/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { OperatorService } from "../operators/operator-service.ts";
import type { PublishService } from "../skills/publish-service.ts";
import { DATA_BENCH } from "./data-bench.ts";
import { NIGHT_DESK } from "./night-desk.ts";
import type { SeedSkill } from "./seed-skill.ts";
import { TEXT_WORKS } from "./text-works.ts";

const PUBLISHERS: Readonly<Record<string, readonly SeedSkill[]>> = {
  "text-works": TEXT_WORKS,
  "data-bench": DATA_BENCH,
  "night-desk": NIGHT_DESK,
};

export interface Seeded {
  readonly publishers: readonly {
    readonly name: string;
    readonly operator_id: string;
    /** Shown when the publisher is made, and never again. */
    readonly api_key?: string;
  }[];
  readonly skills: readonly {
    readonly id: string;
    readonly name: string;
    readonly execution_mode: string;
    readonly price_per_invocation: number;
    readonly publisher: string;
  }[];
}

/** A marketplace to look round in: three publishers with skills of every kind, one of which fails on purpose. */
export class SeedService {
  readonly #store: Store;
  readonly #operators: OperatorService;
  readonly #publishing: PublishService;

  constructor(store: Store, operators: OperatorService, publishing: PublishService) {
    this.#store = store;
    this.#operators = operators;
    this.#publishing = publishing;
  }

  /** Makes what is not there yet; doing it again changes nothing. Throws FORBIDDEN where money is live. */
  async seed(): Promise<Seeded> {
    if (this.#store.instance.stamp !== "play") {
      throw new DomainError("FORBIDDEN", "This database holds live money: it takes no example publishers.");
    }
    const publishers = [];
    const skills = [];
    for (const [name, drafts] of Object.entries(PUBLISHERS)) {
      const publisher = await this.#publisher(name);
      publishers.push(publisher);
      const caller: Caller = { operatorId: publisher.operator_id, name, plan: "free", scopes: OPERATOR_SCOPES };
      for (const draft of drafts) skills.push({ ...(await this.#skill(caller, draft)), publisher: name });
    }
    return { publishers, skills };
  }

  async #publisher(name: string) {
    const found = await this.#store.read((r) => r.operators.findByName(name));
    if (found) return { name, operator_id: found.id };
    const { operator_id, api_key } = await this.#operators.create({ name, plan: "free", fundCents: 0, claimTypes: [] });
    return { name, operator_id, api_key };
  }

  /** A publisher may have changed its skill since: then it stays as it is. */
  async #skill(caller: Caller, draft: SeedSkill) {
    const found = await this.#store.read((r) => r.skills.findByName(caller.operatorId, draft.name));
    const skill =
      found ??
      (await this.#publishing.publish(caller, {
        version: "1.0.0",
        trust_level_required: "L0",
        credential_mode: "none",
        invocation_ttl_seconds: LIMITS.invocationTtlSeconds.default,
        accepts_requests: true,
        review: "auto",
        ...draft,
      }));
    const price = "price_cents" in skill ? skill.price_cents : skill.price_per_invocation;
    return { id: skill.id, name: skill.name, execution_mode: skill.execution_mode, price_per_invocation: price };
  }
}
