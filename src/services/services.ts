import type { AuditService } from "./audit/audit-service.ts";
import type { ConnectionService } from "./connections/connection-service.ts";
import type { HealthService } from "./health/health-service.ts";
import type { InvocationService } from "./invocations/invocation-service.ts";
import type { ProviderService } from "./invocations/provider-service.ts";
import type { QuoteService } from "./invocations/quote-service.ts";
import type { AccessService } from "./operators/access-service.ts";
import type { KeyService } from "./operators/key-service.ts";
import type { OperatorService } from "./operators/operator-service.ts";
import type { MatchService } from "./requests/match-service.ts";
import type { RequestService } from "./requests/request-service.ts";
import type { SeedService } from "./seed/seed-service.ts";
import type { PublishService } from "./skills/publish-service.ts";
import type { RatingService } from "./skills/rating-service.ts";
import type { SkillService } from "./skills/skill-service.ts";
import type { StatusService } from "./skills/status-service.ts";
import type { TestService } from "./skills/test-service.ts";
import type { PayoutService } from "./wallet/payout-service.ts";
import type { PlanService } from "./wallet/plan-service.ts";
import type { SkillCreditService } from "./wallet/skill-credit-service.ts";
import type { TopupService } from "./wallet/topup-service.ts";
import type { WalletService } from "./wallet/wallet-service.ts";

/** The use cases, as handlers and faces see them. */
export interface Services {
  readonly access: AccessService;
  readonly audit: AuditService;
  readonly connections: ConnectionService;
  readonly health: HealthService;
  readonly invocations: InvocationService;
  readonly keys: KeyService;
  readonly operators: OperatorService;
  readonly payouts: PayoutService;
  readonly plans: PlanService;
  readonly provider: ProviderService;
  readonly quotes: QuoteService;
  readonly ratings: RatingService;
  readonly status: StatusService;
  readonly publishing: PublishService;
  readonly matches: MatchService;
  readonly requests: RequestService;
  readonly seed: SeedService;
  readonly skillCredits: SkillCreditService;
  readonly skills: SkillService;
  readonly tests: TestService;
  readonly topups: TopupService;
  readonly wallet: WalletService;
}
