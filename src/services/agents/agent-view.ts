import type { Agent, AgentGrant } from "../../../storage/repositories/agents.ts";
import type {
  AccountabilityMode,
  AlertAction,
  CredentialAccess,
  SkillAccessMode,
} from "../../domain/identity/agent.ts";
import type { Budget, Spending } from "../../domain/money/budget.ts";
import { isoTime } from "../../shared/clock.ts";
import type { PublicJwk } from "../../tokens/ed25519.ts";

export interface RegisterRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly accountability_mode: AccountabilityMode;
  readonly on_warning: AlertAction;
  readonly on_critical: AlertAction;
  readonly credential_access: CredentialAccess;
  readonly skill_access_mode: SkillAccessMode;
  readonly allowed_skills: readonly string[];
  readonly allowed_connections: readonly string[];
  readonly icon_url?: string | null | undefined;
  /** A budget without a bound counts as none. */
  readonly budget?: Budget | undefined;
}

export interface AgentView extends Omit<RegisterRequest, "description" | "icon_url" | "budget"> {
  readonly id: string;
  readonly description: string | null;
  readonly status: "active" | "suspended";
  readonly icon_url: string | null;
  readonly budget: Budget | null;
  /** Cents held or charged in the agent's name, in this UTC day and this UTC month. */
  readonly spent_today_cents: number;
  readonly spent_this_month_cents: number;
  readonly passport_blocked: boolean;
  /** Null until the agent is enrolled. */
  readonly public_key: PublicJwk | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export function viewOf(
  agent: Agent,
  grants: readonly AgentGrant[],
  { dayCents, monthCents }: Spending,
): AgentView {
  const { operator_id: _, deleted_at: __, ...shown } = agent;
  return {
    ...shown,
    allowed_connections: grants.map(({ connection_id }) => connection_id),
    public_key: agent.public_key as unknown as PublicJwk | null,
    spent_today_cents: dayCents,
    spent_this_month_cents: monthCents,
    created_at: isoTime(agent.created_at),
    updated_at: isoTime(agent.updated_at),
  };
}
