import { expect, test } from "vitest";
import { offeredStatus, statusAfterChange } from "../../../../src/domain/market/review.ts";
import { SKILL_STATUSES } from "../../../../src/domain/market/skill.ts";

test.each([
  ["auto", null, 0, "active"],
  ["auto", null, 1, "unlisted"],
  ["manual", null, 0, "pending_review"],
  ["manual", null, 1, "pending_review"],
  ["manual", "ver_1", 0, "pending_review"],
  ["manual", "ver_2", 0, "active"],
  ["manual", "ver_2", 1, "unlisted"],
] as const)(
  "offers ver_2 under review %s, with %s approved and unlisted %i, as %s",
  (review, approved_version_id, unlisted, status) => {
    const skill = { review, version_id: "ver_2", approved_version_id, unlisted };
    expect(offeredStatus(skill)).toBe(status);
    for (const before of SKILL_STATUSES)
      expect(statusAfterChange({ ...skill, status: before })).toBe(
        before === "suspended" ? "suspended" : status,
      );
  },
);
