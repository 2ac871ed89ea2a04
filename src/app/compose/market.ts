import { EgressService } from "../../services/egress/egress-service.ts";
import { Admission } from "../../services/invocations/buy/admission.ts";
import { ApprovalService } from "../../services/invocations/buy/approval-service.ts";
import { InvocationService } from "../../services/invocations/buy/invocation-service.ts";
import { QuoteService } from "../../services/invocations/buy/quote-service.ts";
import { ErasureService } from "../../services/invocations/erasure-service.ts";
import { ProviderService } from "../../services/invocations/provide/provider-service.ts";
import { storedTexts } from "../../services/invocations/run/assignment.ts";
import { DraftService } from "../../services/invocations/run/draft-service.ts";
import { InvocationWorker } from "../../services/invocations/run/invocation-worker.ts";
import { OverdueInvocations } from "../../services/invocations/run/overdue-invocations.ts";
import { PipelineRunner } from "../../services/invocations/run/pipeline-runner.ts";
import { MatchService } from "../../services/skill-requests/match-service.ts";
import { SkillRequestService } from "../../services/skill-requests/request-service.ts";
import { CodeCheck } from "../../services/skills/code-check.ts";
import { ListingService } from "../../services/skills/listing-service.ts";
import { PublishService } from "../../services/skills/publish-service.ts";
import { RatingService } from "../../services/skills/rating-service.ts";
import { ReviewService } from "../../services/skills/review-service.ts";
import { SkillService } from "../../services/skills/skill-service.ts";
import { StatusService } from "../../services/skills/status-service.ts";
import type { Ground } from "./ground.ts";

/** Skills are offered, bought, run and provided. */
export function composeMarket(ground: Ground) {
  const { config, store } = ground;
  const { review, retentionDays, sandboxSlots: slots, stepTimeoutMs } = config;
  const skills = new SkillService(ground);
  const egress = new EgressService({ ...ground, egress: ground.network });
  const runner = new PipelineRunner({ ...ground, stepTimeoutMs });
  const worker = new InvocationWorker({ ...ground, runner, egress, slots });
  const promptOf = (versionId: string, index: number) =>
    storedTexts(store, versionId).prompt(index);
  const admission = new Admission({ ...ground, skills, egress, promptOf });
  const approvals = new ApprovalService({
    ...ground,
    worker,
    key: store.deriveKey("approval-link"),
  });
  const code = new CodeCheck(ground);
  const erasure = new ErasureService({ ...ground, retentionDays });
  const overdue = new OverdueInvocations(ground);
  return {
    worker,
    chores: [...overdue.chores, ...erasure.chores],
    services: {
      approvals,
      drafts: new DraftService({ ...ground, egress, runner, worker }),
      erasure,
      invocations: new InvocationService({ ...ground, skills, admission, worker, approvals }),
      listings: new ListingService(ground),
      matches: new MatchService(ground),
      provider: new ProviderService(ground),
      publishing: new PublishService({ ...ground, code, review }),
      quotes: new QuoteService({ ...ground, skills, admission }),
      ratings: new RatingService(ground),
      reviews: new ReviewService(ground),
      skillRequests: new SkillRequestService(ground),
      skills,
      status: new StatusService({ ...ground, review }),
    },
  };
}

export type Market = ReturnType<typeof composeMarket>;
