import type { Selectable } from "kysely";
import type { Refusals } from "../../src/domain/market/refusal.ts";
import { searchText } from "../../src/domain/market/search-text.ts";
import {
  fieldsOf,
  type PlannedStep,
  type RequiredCredential,
  type SellerCredentialLimit,
} from "../../src/domain/market/skill.ts";
import type { Json, JsonObject } from "../../src/shared/json.ts";
import type { SkillVersionsTable } from "../schema/skill-versions.ts";
import type { SkillsTable } from "../schema/skills.ts";

export type Skill = Omit<Selectable<SkillsTable>, "tags" | keyof Examples> &
  Examples & { readonly tags: readonly string[] };

/** An input and an output of a skill, as its publisher shows them. */
export interface Examples {
  readonly example_input: JsonObject | null;
  readonly example_output: Json;
}

type JsonColumns =
  | "input_schema"
  | "output_schema"
  | "pipeline"
  | "required_credentials"
  | "seller_credential_limit"
  | "egress_hosts"
  | "refusals";

export type SkillVersion = Omit<Selectable<SkillVersionsTable>, JsonColumns> & {
  readonly input_schema: JsonObject | boolean;
  readonly output_schema: JsonObject | boolean;
  readonly pipeline: readonly PlannedStep[];
  readonly required_credentials: readonly RequiredCredential[];
  readonly seller_credential_limit: SellerCredentialLimit | null;
  readonly egress_hosts: readonly string[];
  readonly refusals: Refusals;
};

export type NewVersion = Omit<SkillVersion, "created_at">;

/** The texts by which a listing is looked up. */
export function foundBy(
  { name, description, tags }: Pick<Skill, "name" | "description" | "tags">,
  publisher: string,
) {
  return {
    found_name: searchText(name),
    found_publisher: searchText(publisher),
    found_description: searchText(description),
    ...foundByTags(tags),
  };
}

export function foundByTags(tags: readonly string[]) {
  return { found_tags: searchText(JSON.stringify(tags)) };
}

/** Examples as their columns keep them; what is not given stays. */
export function exampleColumns({ example_input: given, example_output: made }: Partial<Examples>) {
  return {
    ...(given === undefined
      ? {}
      : { example_input: given === null ? null : JSON.stringify(given) }),
    ...(made === undefined ? {} : { example_output: made === null ? null : JSON.stringify(made) }),
  };
}

/** Columns of the current version that its listing repeats. */
export function currentOf(version: NewVersion) {
  return {
    version_id: version.id,
    version: version.version,
    execution_mode: version.execution_mode,
    trust_level_required: version.trust_level_required,
    price_cents: version.price_cents,
    input_fields: fieldsOf(version.input_schema).join(" "),
    output_fields: fieldsOf(version.output_schema).join(" "),
  };
}

export function toSkill(row: Selectable<SkillsTable>): Skill {
  const { example_input: given, example_output: made } = row;
  return {
    ...row,
    tags: JSON.parse(row.tags) as string[],
    example_input: given === null ? null : (JSON.parse(given) as JsonObject),
    example_output: made === null ? null : (JSON.parse(made) as Json),
  };
}

/** A version as its row keeps it. */
export function versionRow(version: NewVersion) {
  const { seller_credential_limit: limit } = version;
  return {
    ...version,
    input_schema: JSON.stringify(version.input_schema),
    output_schema: JSON.stringify(version.output_schema),
    pipeline: JSON.stringify(version.pipeline),
    required_credentials: JSON.stringify(version.required_credentials),
    seller_credential_limit: limit === null ? null : JSON.stringify(limit),
    egress_hosts: JSON.stringify(version.egress_hosts),
    refusals: JSON.stringify(version.refusals),
  };
}

export function toVersion(row: Selectable<SkillVersionsTable>): SkillVersion {
  const { seller_credential_limit: limit } = row;
  return {
    ...row,
    input_schema: JSON.parse(row.input_schema) as JsonObject | boolean,
    output_schema: JSON.parse(row.output_schema) as JsonObject | boolean,
    pipeline: JSON.parse(row.pipeline) as PlannedStep[],
    required_credentials: JSON.parse(row.required_credentials) as RequiredCredential[],
    seller_credential_limit: limit === null ? null : (JSON.parse(limit) as SellerCredentialLimit),
    egress_hosts: JSON.parse(row.egress_hosts) as string[],
    refusals: JSON.parse(row.refusals) as Refusals,
  };
}
