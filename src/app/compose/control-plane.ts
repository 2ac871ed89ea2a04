import { CheckpointFile } from "../../../storage/checkpoint-file.ts";
import { stripeIdentity } from "../../identity/stripe-identity.ts";
import { AgentService } from "../../services/agents/agent-service.ts";
import { AuditService } from "../../services/audit/audit-service.ts";
import { ChainKeeper } from "../../services/audit/chain-keeper.ts";
import { ConnectionService } from "../../services/connections/connection-service.ts";
import { IdentityService } from "../../services/identity/identity-service.ts";
import { AccountabilityService } from "../../services/passports/accountability-service.ts";
import { MissionService } from "../../services/passports/mission-service.ts";
import { PassportService } from "../../services/passports/passport-service.ts";
import { RevocationService } from "../../services/passports/revocation-service.ts";
import { ReceiptService } from "../../services/receipts/receipt-service.ts";
import type { Auth } from "./auth.ts";
import type { Ground } from "./ground.ts";
import type { Market } from "./market.ts";

/** Agents act under passports, over connections, and the audit log tells of it. */
export function composeControlPlane(ground: Ground, { tokens, services }: Auth, market: Market) {
  const { config, network } = ground;
  const signing = { ...ground, keys: services.signingKeys };
  const revocations = new RevocationService({ ...signing, worker: market.worker });
  const passports = new PassportService({ ...signing, tokens });
  const receipts = new ReceiptService(signing);
  const file = new CheckpointFile(config.home);
  const { auditRetentionDays: retentionDays } = config;
  const auditChains = new ChainKeeper({ ...signing, receipts, file, retentionDays });
  const remote = config.identity && stripeIdentity(config.identity);
  return {
    chores: auditChains.chores,
    services: {
      accountability: new AccountabilityService({ ...ground, passports, revocations }),
      agents: new AgentService({ ...ground, revocations }),
      audit: new AuditService({ ...signing, file }),
      auditChains,
      connections: new ConnectionService({ ...ground, egress: network }),
      identity: new IdentityService({ ...ground, remote, revocations }),
      missions: new MissionService({ ...ground, passports }),
      passports,
      receipts,
      revocations,
    },
  };
}

export type ControlPlane = ReturnType<typeof composeControlPlane>;
