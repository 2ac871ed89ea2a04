import type { ListedSkill } from "../../../../storage/repositories/skills.ts";
import type { Reader } from "../../../../storage/repository-table.ts";
import { isoTime } from "../../../shared/clock.ts";
import { canonicalJson } from "../../../shared/json.ts";

type Changed = "price" | "input_schema" | "output_schema";

/** Parts of a skill that changed since a buyer last got a result of it. */
export interface PurchaseChange {
  readonly changed: readonly Changed[];
  readonly last_version: string;
  readonly last_price_cents: number;
  readonly last_bought_at: string;
}

/**
 * Finds changes of price and schemas since a buyer's last completed purchase. Undefined without a
 * change, or without such a purchase.
 */
export async function changeSinceLast(
  r: Reader,
  buyerId: string,
  { skill, version }: ListedSkill,
): Promise<PurchaseChange | undefined> {
  const last = await r.invocations.findLastCompleted(buyerId, skill.id);
  if (!last || last.version_id === version.id) return undefined;
  const before = await r.skills.getVersion(last.version_id);
  const isOther = {
    price: before.price_cents !== version.price_cents,
    input_schema: canonicalJson(before.input_schema) !== canonicalJson(version.input_schema),
    output_schema: canonicalJson(before.output_schema) !== canonicalJson(version.output_schema),
  };
  const changed = (Object.keys(isOther) as Changed[]).filter((part) => isOther[part]);
  if (changed.length === 0) return undefined;
  return {
    changed,
    last_version: before.version,
    last_price_cents: before.price_cents,
    last_bought_at: isoTime(last.created_at),
  };
}

/** Writes a change as a sentence. */
export function changeNote({
  changed,
  last_version,
  last_price_cents,
  last_bought_at,
}: PurchaseChange): string {
  const parts = changed.map((part) =>
    part === "price" ? `price, then ${last_price_cents} cents` : part,
  );
  return `Changed since you last bought it (${last_version} on ${last_bought_at.slice(0, 10)}): ${parts.join("; ")}.`;
}
