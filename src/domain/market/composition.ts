import type { JsonObject } from "../../shared/json.ts";
import { type Fit, type FitBudget, type FitVerdict, judgeFit } from "./schema-fit.ts";

type Schema = JsonObject | boolean;

/** Something that turns one kind of value into another. */
export interface Link<Item> {
  readonly item: Item;
  readonly input: Schema;
  readonly output: Schema;
  readonly priceCents: number;
}

export interface Chain<Item> {
  readonly items: readonly Item[];
  readonly priceCents: number;
  /** `fits` when every joint is sure. */
  readonly verdict: Exclude<FitVerdict, "no">;
  /** The questions that only a run can answer, by joint. */
  readonly reasons: readonly string[];
}

export interface ChainOptions {
  /** Undefined: the wish says nothing of it, so a chain may begin with anything. */
  readonly given: Schema | undefined;
  readonly wanted: Schema;
  readonly maxPriceCents?: number | undefined;
  readonly limit: number;
}

type Found = Chain<number>;

/**
 * Chains of one to three links from what is given to what is wanted, without a detour: no chain
 * holds a shorter one that does the same. Sure ones first, then short, then cheap.
 */
export function findChains<Item>(links: readonly Link<Item>[], wish: ChainOptions): Chain<Item>[] {
  const budget = { places: PLACES };
  const joint = memoised((from: number, to: number) =>
    judge(budget, links[from]?.output ?? false, links[to]?.input ?? false),
  );
  const { given } = wish;
  const starts = links.map((link) =>
    given === undefined ? UNSAID : judge(budget, given, link.input),
  );
  const ends = links.map((link) => judge(budget, link.output, wish.wanted));
  const all = links.map((_, index) => index);
  const first = all.filter((index) => starts[index]?.verdict !== "no");
  const last = all.filter((index) => ends[index]?.verdict !== "no");
  const found: Found[] = [];
  const add = (...path: number[]) => {
    const fits = [
      starts[path[0] ?? 0],
      ...path.slice(1).map((to, i) => joint(path[i] ?? 0, to)),
      ends[path.at(-1) ?? 0],
    ];
    const chain = chainOf(links, path, fits as Fit[]);
    if (chain && (wish.maxPriceCents === undefined || chain.priceCents <= wish.maxPriceCents))
      found.push(chain);
  };
  const whole = new Set(first.filter((index) => last.includes(index)));
  for (const only of whole) add(only);
  const heads = first.filter((index) => !whole.has(index));
  const tails = last.filter((index) => !whole.has(index));
  for (const a of heads) for (const c of tails) if (a !== c) add(a, c);
  const paired = new Set(
    found.filter(({ items }) => items.length === 2).map(({ items }) => items.join()),
  );
  const middles = all.filter((index) => !whole.has(index));
  for (const b of middles) {
    const before = heads.filter((a) => a !== b && joint(a, b).verdict !== "no");
    if (before.length === 0) continue;
    const after = tails.filter((c) => c !== b && joint(b, c).verdict !== "no");
    for (const a of before)
      for (const c of after) if (a !== c && !paired.has(`${a},${c}`)) add(a, b, c);
  }
  return found
    .sort(byWorth)
    .slice(0, wish.limit)
    .map((chain) => ({
      ...chain,
      items: chain.items.flatMap((index) => links[index]?.item ?? []),
    }));
}

/** The places that all joints together may look at; a joint that is left over is none. */
const PLACES = 200_000;
const PLACES_A_JOINT = 2_000;
const UNSAID: Fit = { verdict: "may_fit", reasons: ["the request does not say what it can give"] };
const NOT_JUDGED: Fit = { verdict: "no", reasons: [] };

function judge(budget: FitBudget, from: Schema, to: Schema): Fit {
  if (budget.places <= 0) return NOT_JUDGED;
  const own = { places: Math.min(PLACES_A_JOINT, budget.places) };
  const before = own.places;
  const fit = judgeFit(from, to, own);
  budget.places -= before - own.places;
  return fit;
}

function chainOf<Item>(
  links: readonly Link<Item>[],
  path: readonly number[],
  fits: readonly Fit[],
): Found | undefined {
  if (fits.some(({ verdict }) => verdict === "no")) return undefined;
  const sure = fits.every(({ verdict }) => verdict === "fits");
  return {
    items: path,
    priceCents: path.reduce((sum, index) => sum + (links[index]?.priceCents ?? 0), 0),
    verdict: sure ? "fits" : "may_fit",
    reasons: fits.flatMap(({ reasons }, index) =>
      reasons.map((reason) => `${jointName(index, path.length)}: ${reason}`),
    ),
  };
}

function jointName(index: number, steps: number): string {
  if (index === 0) return "into step 1";
  return index === steps ? "out of the last step" : `from step ${index} to ${index + 1}`;
}

function byWorth(a: Found, b: Found): number {
  if (a.verdict !== b.verdict) return a.verdict === "fits" ? -1 : 1;
  return a.items.length - b.items.length || a.priceCents - b.priceCents;
}

function memoised(judge: (from: number, to: number) => Fit): (from: number, to: number) => Fit {
  const known = new Map<string, Fit>();
  return (from, to) => {
    const key = `${from},${to}`;
    const fit = known.get(key) ?? judge(from, to);
    known.set(key, fit);
    return fit;
  };
}
