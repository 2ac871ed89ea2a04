import type { SkillFilter } from "../../../storage/read-models/skill-filter.ts";

import type { SkillRequest } from "../../../storage/repositories/skill-requests.ts";
import type { Skill } from "../../../storage/repositories/skill-rows.ts";
import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { findChains } from "../../domain/market/composition.ts";
import { type Fit, judgeFit } from "../../domain/market/schema-fit.ts";
import { isUnspaced, searchText } from "../../domain/market/search-text.ts";
import { fieldsOf, type TrustLevel } from "../../domain/market/skill.ts";
import { summaryOf } from "../skills/skill-view.ts";
import { requireSkillRequest } from "./request-service.ts";

const CANDIDATES = 50;
const STOP_CHARS = 3;

export interface MatchParts {
  readonly store: Store;
}

/**
 * Finds the skills that answer a request, alone or in a chain, with reasons. Skips skills that do
 * not accept requests.
 */
export class MatchService {
  readonly #parts: MatchParts;

  constructor(parts: MatchParts) {
    this.#parts = parts;
  }

  /** Lists skills by tags, words, schemas and price, best first. Throws NOT_FOUND. */
  async match(_caller: Caller, requestId: string, limit: number) {
    return this.#parts.store.read(async (r) => {
      const request = await requireSkillRequest(r, requestId);
      const candidates = await findCandidates(r, request);
      const items = candidates
        .map((listed) => judge(request, listed))
        .filter(({ score }) => score > 0)
        .sort(
          (a, b) =>
            b.score - a.score || a.skill.price_per_invocation - b.skill.price_per_invocation,
        )
        .slice(0, limit);
      return { request_id: request.id, items };
    });
  }

  /**
   * Lists chains of one to three skills that lead from the desired input to the desired output:
   * each output_schema feeds the next input_schema. Certain chains come first, then short, then
   * cheap ones. Throws NOT_FOUND.
   */
  async suggest(_caller: Caller, requestId: string, limit: number) {
    return this.#parts.store.read(async (r) => {
      const request = await requireSkillRequest(r, requestId);
      const { desired_output_schema: wanted } = request;
      if (wanted === null) {
        const note =
          "Chains are found by schemas: add a desired_output_schema with stack_update_skill_request.";
        return { request_id: request.id, items: [], note };
      }
      const given = request.desired_input_schema ?? undefined;
      const pool = await findLinks(r, request);
      const links = pool.map((listed) => ({
        item: listed,
        input: listed.version.input_schema,
        output: listed.version.output_schema,
        priceCents: listed.skill.price_cents,
      }));
      const chains = findChains(links, {
        given,
        wanted,
        maxPriceCents: request.max_price_cents ?? undefined,
        limit,
      });
      return {
        request_id: request.id,
        items: chains.map(({ items, priceCents, verdict, reasons }) => ({
          skills: items.map(({ skill }) => summaryOf(skill)),
          price_cents: priceCents,
          trust_level_required: items.map(({ skill }) => skill.trust_level_required).reduce(higher),
          verdict,
          reasons,
        })),
      };
    });
  }
}

/** By what it says, and by the fields that it has. */
async function findCandidates(r: Reader, request: SkillRequest): Promise<ListedSkill[]> {
  const price = { maxPriceCents: request.max_price_cents ?? undefined };
  const { desired_input_schema: input, desired_output_schema: output } = request;
  return search(r, [
    { ...price, anyOf: `${request.tags.join(" ")} ${request.description}` },
    ...(output === null ? [] : [{ ...price, outputFields: fieldsOf(output) }]),
    ...(input === null ? [] : [{ ...price, inputFields: fieldsOf(input) }]),
  ]);
}

/**
 * First links take what is given, last ones make what is wanted, and what lies between is found
 * from their fields.
 */
async function findLinks(r: Reader, request: SkillRequest): Promise<ListedSkill[]> {
  const price = { maxPriceCents: request.max_price_cents ?? undefined };
  const { desired_input_schema: input, desired_output_schema: output } = request;
  const firsts = await search(r, [{ ...price, inputFields: fieldsOf(input ?? true) }]);
  const lasts = await search(r, [{ ...price, outputFields: fieldsOf(output ?? true) }]);
  const made = firsts.flatMap(({ version }) => fieldsOf(version.output_schema));
  const taken = lasts.flatMap(({ version }) => fieldsOf(version.input_schema));
  const between = await search(r, [
    { ...price, inputFields: [...new Set(made)], outputFields: [...new Set(taken)] },
    { ...price, inputFields: [...new Set(made)] },
    { ...price, outputFields: [...new Set(taken)] },
  ]);
  return unique([...lasts, ...firsts, ...between]);
}

async function search(
  r: Reader,
  wishes: readonly Omit<SkillFilter, "sort" | "limit">[],
): Promise<ListedSkill[]> {
  const rest = {
    status: "active",
    acceptsRequests: true,
    sort: "relevance",
    limit: CANDIDATES,
  } as const;
  const found: Skill[] = [];
  for (const wish of wishes) found.push(...(await r.skills.search({ ...rest, ...wish })));
  return unique(
    await r.skills.withVersions([...new Map(found.map((skill) => [skill.id, skill])).values()]),
  );
}

function unique(listed: readonly ListedSkill[]): ListedSkill[] {
  return [...new Map(listed.map((one) => [one.skill.id, one])).values()];
}

function judge(request: SkillRequest, { skill, version }: ListedSkill) {
  const reasons: string[] = [];
  const tags = skill.tags.filter((tag) => request.tags.includes(tag));
  if (tags.length > 0) reasons.push(`shares the tags ${tags.join(", ")}`);
  const words = sharedWords(request.description, `${skill.name} ${skill.description}`);
  if (words.length > 0) reasons.push(`shares the words ${words.slice(0, 8).join(", ")}`);
  const { desired_input_schema: given, desired_output_schema: wanted } = request;
  const input = given === null ? undefined : judgeFit(given, version.input_schema);
  const output = wanted === null ? undefined : judgeFit(version.output_schema, wanted);
  if (input) reasons.push(sentence("takes the desired input", input));
  if (output) reasons.push(sentence("makes the desired output", output));
  if (request.max_price_cents !== null)
    reasons.push(`costs ${skill.price_cents} of at most ${request.max_price_cents} cents`);
  const score = 2 * tags.length + Math.min(words.length, 5) + points(input) + points(output);
  return {
    skill: summaryOf(skill),
    score,
    input_fit: input?.verdict,
    output_fit: output?.verdict,
    reasons,
  };
}

const POINTS = { fits: 4, may_fit: 2, no: -2 } as const;

function points(fit: Fit | undefined): number {
  return fit === undefined ? 0 : POINTS[fit.verdict];
}

function sentence(what: string, { verdict, reasons }: Fit): string {
  if (verdict === "fits") return what;
  const why = reasons.slice(0, 3).join("; ");
  return verdict === "no" ? `does not fit: ${what}, but ${why}` : `may fit: ${what}, but ${why}`;
}

function sharedWords(one: string, other: string): string[] {
  const wordsOf = (text: string) => searchText(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const there = new Set(wordsOf(other));
  const tells = (word: string) => word.length > STOP_CHARS || (word.length > 1 && isUnspaced(word));
  return [...new Set(wordsOf(one))].filter((word) => tells(word) && there.has(word));
}

function higher(one: TrustLevel, other: TrustLevel): TrustLevel {
  return one > other ? one : other;
}
