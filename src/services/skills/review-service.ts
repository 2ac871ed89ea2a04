import type { Store } from "../../../storage/store.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import type { JsonObject } from "../../shared/json.ts";
import { withoutGaps } from "../../shared/json.ts";
import { readSteps } from "./steps.ts";

/** A version that waits for review, as its publisher wrote it. */
export interface SkillInReview {
  readonly skill_id: string;
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly example_input: JsonObject | null;
  /** The draft that `stack_test_skill` takes beside the input. */
  readonly draft: JsonObject;
}

export interface ReviewParts {
  readonly store: Store;
}

/** Opens skills that wait for review, for the reviewer. */
export class ReviewService {
  readonly #parts: ReviewParts;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
  }

  /**
   * Opens the steps of a skill that waits for review: its publisher agreed with `review: "manual"`,
   * or published on a server that reviews. The publisher's audit log records the access. Throws
   * SKILL_NOT_FOUND, SKILL_NOT_ACTIVE for a skill that does not wait.
   */
  async open(skillId: string): Promise<SkillInReview> {
    const found = isId("skl", skillId)
      ? await this.#parts.store.read((r) => r.skills.find(skillId))
      : undefined;
    if (!found) throw new DomainError("SKILL_NOT_FOUND");
    return this.#parts.store.transact([found.publisher_id], async (t) => {
      const skill = await t.skills.find(skillId);
      if (skill?.status !== "pending_review") {
        throw new DomainError(
          "SKILL_NOT_ACTIVE",
          `The skill does not wait for review: it is ${skill?.status}.`,
        );
      }
      const version = await t.skills.getVersion(skill.version_id);
      const publisher = await t.operators.find(skill.publisher_id);
      const execution_steps = await readSteps(t, version);
      const details = { skill_id: skillId, version: version.version, digest: version.digest };
      await t.audit.append({
        operatorId: skill.publisher_id,
        action: "skill.open",
        outcome: "success",
        details,
      });
      const {
        required_credentials,
        seller_credential_limit: limit,
        egress_hosts: hosts,
        refusals,
      } = version;
      return {
        ...details,
        publisher: publisher?.name ?? "",
        name: skill.name,
        example_input: skill.example_input,
        draft: withoutGaps({
          name: skill.name,
          description: skill.description,
          execution_mode: version.execution_mode,
          credential_mode: version.credential_mode,
          trust_level_required: version.trust_level_required,
          price_per_invocation: version.price_cents,
          input_schema: version.input_schema,
          output_schema: version.output_schema,
          execution_steps:
            execution_steps.length === 0 ? undefined : (execution_steps as unknown as JsonObject[]),
          required_credentials:
            required_credentials.length === 0
              ? undefined
              : (required_credentials as unknown as JsonObject[]),
          seller_credential_limit: limit === null ? undefined : (limit as unknown as JsonObject),
          egress: hosts.length === 0 ? undefined : { hosts },
          refusals: Object.keys(refusals).length === 0 ? undefined : refusals,
          volatile: version.volatile === 1,
        }),
      };
    });
  }
}
