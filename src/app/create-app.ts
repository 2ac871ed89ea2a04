import { CheckpointFile } from "../../storage/checkpoint-file.ts";
import type { Founding } from "../../storage/repository-table.ts";
import prices from "../../storage/seed/prices.json" with { type: "json" };
import { openStore } from "../../storage/sqlite/open-store.ts";
import type { Store } from "../../storage/store.ts";
import type { Config } from "../config/config.ts";
import type { Plan } from "../domain/money/money.ts";
import { Egress } from "../egress/egress.ts";
import { stripeIdentity } from "../identity/stripe-identity.ts";
import { LlmProviders } from "../llm/llm-providers.ts";
import { Engine, type ResultInspector } from "../operations/engine.ts";
import { processorsFor } from "../payments/processors.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { SchemaChecker } from "../schemas/schema-checker.ts";
import { AgentService } from "../services/agents/agent-service.ts";
import { AuditService } from "../services/audit/audit-service.ts";
import { AuthFailureLog } from "../services/auth/auth-failure-log.ts";
import { AuthenticationService } from "../services/auth/authentication-service.ts";
import { KeyService } from "../services/auth/key-service.ts";
import { TokenAuthenticator } from "../services/auth/token-authenticator.ts";
import { ConnectionService } from "../services/connections/connection-service.ts";
import { EgressService } from "../services/egress/egress-service.ts";
import { HealthService } from "../services/host/health-service.ts";
import { MetricsService } from "../services/host/metrics.ts";
import { OperatorRemovalService } from "../services/host/operator-removal-service.ts";
import { ReportService } from "../services/host/report-service.ts";
import { Scheduler } from "../services/host/scheduler.ts";
import { ExampleDesk } from "../services/host/seed/example-desk.ts";
import { SeedService } from "../services/host/seed/seed-service.ts";
import { IdentityService } from "../services/identity/identity-service.ts";
import { Admission } from "../services/invocations/buy/admission.ts";
import { ApprovalService } from "../services/invocations/buy/approval-service.ts";
import { InvocationService } from "../services/invocations/buy/invocation-service.ts";
import { QuoteService } from "../services/invocations/buy/quote-service.ts";
import { ErasureService } from "../services/invocations/erasure-service.ts";
import { ProviderService } from "../services/invocations/provide/provider-service.ts";
import { storedTexts } from "../services/invocations/run/assignment.ts";
import { DraftService } from "../services/invocations/run/draft-service.ts";
import { InvocationWorker } from "../services/invocations/run/invocation-worker.ts";
import { OverdueInvocations } from "../services/invocations/run/overdue-invocations.ts";
import { PipelineRunner } from "../services/invocations/run/pipeline-runner.ts";
import { OperatorAdminService } from "../services/operators/operator-admin-service.ts";
import { OperatorExportService } from "../services/operators/operator-export-service.ts";
import { foundLocalOperator, OperatorService } from "../services/operators/operator-service.ts";
import { ServerDirectory } from "../services/pages/server-directory.ts";
import { AccountabilityService } from "../services/passports/accountability-service.ts";
import { MissionService } from "../services/passports/mission-service.ts";
import { PassportService } from "../services/passports/passport-service.ts";
import { RevocationService } from "../services/passports/revocation-service.ts";
import { ReceiptService } from "../services/receipts/receipt-service.ts";
import type { Services } from "../services/services.ts";
import { SigningKeyService } from "../services/signing-keys/signing-key-service.ts";
import { MatchService } from "../services/skill-requests/match-service.ts";
import { SkillRequestService } from "../services/skill-requests/request-service.ts";
import { CodeCheck } from "../services/skills/code-check.ts";
import { ListingService } from "../services/skills/listing-service.ts";
import { PublishService } from "../services/skills/publish-service.ts";
import { RatingService } from "../services/skills/rating-service.ts";
import { ReviewService } from "../services/skills/review-service.ts";
import { SkillService } from "../services/skills/skill-service.ts";
import { StatusService } from "../services/skills/status-service.ts";
import { CheckoutService } from "../services/wallet/checkout-service.ts";
import { PayoutService } from "../services/wallet/payout-service.ts";
import { PlanService } from "../services/wallet/plan-service.ts";
import { SkillCreditService } from "../services/wallet/skill-credit-service.ts";
import { TopupService } from "../services/wallet/topup-service.ts";
import { WalletService } from "../services/wallet/wallet-service.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";
import { createLogger, type Logger } from "../shared/logger.ts";

/** The program, put together. */
export interface App {
  readonly engine: Engine;
  readonly services: Services;
  readonly store: Store;
  readonly llm: LlmProviders;
  readonly sandbox: Sandbox;
  readonly chores: Scheduler;
  readonly log: Logger;
  /** Begins to run queued work and to end what others left behind. */
  start(): void;
  /** Takes no more work and lets what runs end for `graceMs`; the rest is voided. Everything else still answers. */
  drain(graceMs: number): Promise<void>;
  /** Drains, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

export interface AppOverrides {
  readonly clock?: Clock | undefined;
  readonly log?: Logger;
  readonly maxPages?: number;
  readonly inspect?: ResultInspector;
}

const PLAY_MONEY =
  "This database holds play money, and config.json names payment processors. Live money needs a database of its own: use another STACK_HOME.";

/** The composition root: the one place that knows every part. Throws MISCONFIGURED. */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLogger(config.logLevel);
  for (const warning of config.warnings) log.warn(warning);
  const { home, masterKey } = config;
  const stamp = config.payments ? "live" : "play";
  const found = (t: Founding) => foundLocalOperator(t, stamp);
  const store = await openStore({
    home,
    masterKey,
    clock,
    maxPages: overrides.maxPages,
    stamp,
    found,
  });
  if (config.payments && store.instance.stamp === "play") {
    await store.close();
    throw new DomainError("MISCONFIGURED", PLAY_MONEY);
  }
  const pepper = store.deriveKey("api-key-pepper");
  const llm = new LlmProviders(
    config.providers,
    config.llmFallback === "stand-in" && store.instance.stamp === "play",
  );
  const sandbox = new Sandbox({ log, home, require: config.sandboxRequire });
  const schemas = new SchemaChecker();
  const egress = new Egress({ allowLocal: config.egressAllowLocal, proxy: config.egressProxy });
  const waysOut = new EgressService({ store, egress, llm, log });
  const runner = new PipelineRunner({
    sandbox,
    llm,
    prices,
    stepTimeoutMs: config.stepTimeoutMs,
    clock,
    log,
  });
  const worker = new InvocationWorker({
    store,
    runner,
    schemas,
    llm,
    egress: waysOut,
    clock,
    log,
    slots: config.sandboxSlots,
  });
  const limitsOf = (plan: Plan) => prices.plans[plan];
  const skills = new SkillService(store, clock);
  const processors = processorsFor(store.instance.stamp, config.payments);
  const pages = new ServerDirectory(store, clock, log);
  const checkout = new CheckoutService({
    store,
    pages,
    processors,
    key: store.deriveKey("checkout-link"),
    clock,
    log,
  });
  const approvals = new ApprovalService({
    store,
    worker,
    pages,
    key: store.deriveKey("approval-link"),
    clock,
  });
  const topups = new TopupService({ store, processors, checkout, clock, log });
  const plans = new PlanService({ store, limitsOf, clock, log });
  const erasure = new ErasureService(store, clock, config.retentionDays);
  const promptOf = (versionId: string, index: number) =>
    storedTexts(store, versionId).prompt(index);
  const admission = new Admission({ skills, schemas, llm, egress: waysOut, prices, promptOf });
  const operators = new OperatorService(store, pepper);
  const admin = new OperatorAdminService(store, clock);
  const code = new CodeCheck({ store, sandbox, prices, clock });
  const publishing = new PublishService({ store, schemas, code, limitsOf, review: config.review });
  const signingKeys = new SigningKeyService(store, clock);
  const refusals = new AuthFailureLog(store, clock, log);
  const tokens = new TokenAuthenticator(store, signingKeys, refusals, clock);
  const issuer = () => config.http.publicUrl ?? `urn:stack-mcp:${store.instance.id}`;
  const revocations = new RevocationService({ store, keys: signingKeys, worker, issuer, clock });
  const passports = new PassportService({ store, keys: signingKeys, tokens, issuer, clock });
  const receipts = new ReceiptService({ store, keys: signingKeys, issuer, clock });
  const file = new CheckpointFile(home);
  const { auditRetentionDays } = config;
  const audit = new AuditService({
    store,
    keys: signingKeys,
    receipts,
    file,
    issuer,
    retentionDays: auditRetentionDays,
    clock,
    log,
  });
  const provider = new ProviderService(store, schemas, clock);
  const desk = new ExampleDesk(store, provider, log);
  const overdue = new OverdueInvocations({ store, clock, log });
  const areas = [overdue, plans, topups, erasure, audit];
  const chores = new Scheduler({ chores: areas.flatMap((area) => area.chores), clock, log });
  const services: Services = {
    authentication: new AuthenticationService({ store, pepper, tokens, refusals, clock }),
    accountability: new AccountabilityService({ store, passports, revocations, clock }),
    agents: new AgentService(store, revocations, clock),
    approvals,
    audit,
    checkout,
    connections: new ConnectionService(store, egress, clock),
    erasure,
    metrics: new MetricsService({ store, worker, sandbox, slots: config.sandboxSlots, clock }),
    health: new HealthService({
      ...config,
      store,
      sandbox,
      llm,
      slots: config.sandboxSlots,
      processors,
      publicUrl: config.http.publicUrl,
      clock,
    }),
    identity: new IdentityService({
      store,
      remote: config.identity && stripeIdentity(config.identity),
      revocations,
      pages,
      clock,
    }),
    invocations: new InvocationService({
      store,
      skills,
      admission,
      worker,
      approvals,
      limitsOf,
      clock,
    }),
    keys: new KeyService(store, pepper, clock),
    listings: new ListingService(store),
    missions: new MissionService(store, passports),
    operators,
    operatorAdmin: admin,
    operatorExport: new OperatorExportService(store),
    operatorRemoval: new OperatorRemovalService({ store, admin, revocations, erasure }),
    pages,
    passports,
    payouts: new PayoutService({ store, processor: processors.payouts, pages, clock, log }),
    plans,
    provider,
    publishing,
    quotes: new QuoteService({ store, skills, admission, limitsOf, clock }),
    receipts,
    authFailures: refusals,
    revocations,
    signingKeys,
    ratings: new RatingService(store),
    matches: new MatchService(store),
    reports: new ReportService(store, clock),
    skillRequests: new SkillRequestService(store, schemas),
    reviews: new ReviewService(store),
    seed: new SeedService(store),
    skillCredits: new SkillCreditService({ store, skills, topups, checkout }),
    skills,
    status: new StatusService(store, limitsOf, config.review),
    drafts: new DraftService({
      store,
      schemas,
      llm,
      egress: waysOut,
      runner,
      worker,
      prices,
      limitsOf,
      clock,
    }),
    topups,
    wallet: new WalletService(store, limitsOf, clock),
  };
  const drain = async (graceMs: number) => {
    chores.stop();
    await desk.close();
    await worker.stop(graceMs);
  };
  return {
    engine: new Engine(services, log, overrides.inspect),
    services,
    store,
    llm,
    sandbox,
    chores,
    log,
    start() {
      worker.start();
      chores.start();
      desk.open();
    },
    drain,
    async stop(graceMs) {
      await drain(graceMs);
      await Promise.all([sandbox.close(), schemas.close()]);
      await store.close();
    },
  };
}
