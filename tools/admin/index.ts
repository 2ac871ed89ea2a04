import type { Operation } from "../../src/operations/define-operation.ts";
import { approveSkill } from "./approve-skill.ts";
import { listPendingReviews } from "./list-pending-reviews.ts";
import { rejectSkill } from "./reject-skill.ts";

/** The host's reviewers. */
export const ADMIN: readonly Operation[] = [listPendingReviews, approveSkill, rejectSkill];
