import type { Reader } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import { type Caller, OPERATOR_SCOPES } from "../../../domain/identity/caller.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { JsonObject } from "../../../shared/json.ts";
import type { Logger } from "../../../shared/logger.ts";
import type { ProviderService } from "../../invocations/provide/provider-service.ts";
import { deskAnswer } from "./desk-answers.ts";

const DESK = "night-desk";
const AT_ONCE = 20;

export interface ExampleDeskParts {
  readonly store: Store;
  readonly provider: ProviderService;
  readonly log: Logger;
}

/**
 * Does the open work of the example marketplace, in a play database, so that an order of it comes
 * to an end. Whoever makes a key for the publisher does the work instead.
 */
export class ExampleDesk {
  readonly #parts: ExampleDeskParts;
  #stop: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(parts: ExampleDeskParts) {
    this.#parts = parts;
  }

  /** Looks for orders now and after each change of the database. */
  open(): void {
    if (this.#parts.store.instance.stamp !== "play") return;
    let isAsked = false;
    const look = () => {
      if (isAsked) return;
      isAsked = true;
      this.#working = this.#working.then(async () => {
        isAsked = false;
        await this.#work();
      });
    };
    this.#stop = this.#parts.store.changes.subscribe(look);
    look();
  }

  async close(): Promise<void> {
    this.#stop?.();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      const desk = await this.#parts.store.read(findDesk);
      if (!desk) return;
      const { items } = await this.#parts.provider.listPending(desk, { limit: AT_ONCE });
      for (const { id, skill_id, input } of items) {
        const skill = await this.#parts.store.read((r) => r.skills.find(skill_id));
        const answer = skill && deskAnswer(skill.name, input);
        if (answer) await this.#deliver(desk, id, answer);
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the example provider could not do its work");
    }
  }

  async #deliver(desk: Caller, id: string, answer: JsonObject): Promise<void> {
    try {
      await this.#parts.provider.complete(desk, id, answer, undefined);
    } catch (error) {
      // Another process of this folder was quicker, or the buyer cancelled.
      if (!(error instanceof DomainError)) throw error;
    }
  }
}

/** The publisher of the open examples, while nobody has a key of it. */
async function findDesk(r: Reader): Promise<Caller | undefined> {
  const publisher = await r.operators.findByName(DESK);
  if (publisher?.is_example !== 1 || publisher.suspended_at !== null) return undefined;
  const keys = await r.operators.listKeys(publisher.id);
  if (keys.some(({ revoked_at }) => revoked_at === null)) return undefined;
  return { operatorId: publisher.id, name: DESK, plan: publisher.plan, scopes: OPERATOR_SCOPES };
}
