import type { ListedSkill, Skill } from "../../../storage/repositories/skills.ts";
import type { Caller } from "../../domain/caller.ts";
import { type PriceList, reserveCents, reserveMicroUsd } from "../../domain/metering.ts";
import { providersOf, type TrustLevel } from "../../domain/skill.ts";
import type { LlmProviders } from "../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { DomainError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { SkillService } from "../skills/skill-service.ts";
import { requireFit, requirePayload } from "./payload.ts";

export interface AdmissionParts {
  readonly skills: SkillService;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly prices: PriceList;
}

/** What an invocation may cost. */
export interface Terms {
  readonly priceCents: number;
  readonly reserveCents: number;
  /** Price and reserve: what is held, and the most that can be charged. */
  readonly holdCents: number;
  /** The most compute that it can use. */
  readonly microUsd: number;
}

/** What stands between a caller and an invocation, found before any money is held. A quote tells of the same. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  terms({ version }: ListedSkill, input: JsonObject): Terms {
    const { prices } = this.#parts;
    const inputChars = JSON.stringify(input).length;
    const priceCents = version.price_cents;
    const reserve = priceCents === 0 ? 0 : reserveCents(version.pipeline, inputChars, prices);
    const microUsd = reserveMicroUsd(version.pipeline, inputChars, prices);
    return { priceCents, reserveCents: reserve, holdCents: priceCents + reserve, microUsd };
  }

  /** Whether a model step of it would be answered by the stand-in. */
  usesStandIn({ version }: ListedSkill): boolean {
    return this.#parts.llm.usesStandIn(providersOf(version.pipeline));
  }

  /** Each in its turn: who stops at the first one pays for no more. Without an input it is not looked at. */
  async *obstacles(caller: Caller, listed: ListedSkill, input: JsonObject | undefined): AsyncGenerator<DomainError> {
    const { skill, version } = listed;
    if (skill.status === "suspended" || skill.status === "pending_review") {
      yield notActive(skill);
    }
    const tooLow = await this.#trustTooLow(caller, trustRequired(listed));
    if (tooLow) yield tooLow;
    const misfit = input && (await refusalOf(() => this.#requireFitting(version.input_schema, input)));
    if (misfit) yield misfit;
    const [service] = version.required_credentials;
    if (service && version.execution_mode !== "open") {
      const message = `The skill calls ${service.provider} with a connected service, and this version of stack-mcp connects none.`;
      yield new DomainError("SERVICE_NOT_CONNECTED", message, { provider: service.provider });
    }
    const missing = await refusalOf(async () => this.#parts.llm.requireAll(providersOf(version.pipeline)));
    if (missing) yield missing;
  }

  async #trustTooLow(caller: Caller, required: TrustLevel): Promise<DomainError | undefined> {
    if (required === "L0") return undefined;
    const { allowed, evaluation, required_level, your_level } = await this.#parts.skills.judgeTrust(caller, required);
    if (allowed) return undefined;
    return new DomainError("TRUST_LEVEL_INSUFFICIENT", evaluation, { required_level, your_level });
  }

  async #requireFitting(schema: JsonObject | boolean, input: JsonObject): Promise<void> {
    requirePayload("input", input, LIMITS.inputBytes);
    await requireFit(this.#parts.schemas, "INPUT_INVALID", schema, input);
  }
}

/** A pinned version asks for no less trust than the skill does now. */
export function trustRequired({ skill, version }: ListedSkill): TrustLevel {
  const { trust_level_required: now } = skill;
  return now > version.trust_level_required ? now : version.trust_level_required;
}

/** Only its publisher gets here: to others such a skill does not exist. */
function notActive({ status }: Skill): DomainError {
  const message =
    status === "pending_review"
      ? "The skill waits for review: it can be invoked when an admin has approved it. stack_test_skill tries a draft."
      : "The skill is suspended. stack_activate_skill offers it again.";
  return new DomainError("SKILL_NOT_ACTIVE", message, { status });
}

async function refusalOf(check: () => Promise<void>): Promise<DomainError | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
