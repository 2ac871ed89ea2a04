import type { ExecutionMode } from "../../src/domain/market/skill.ts";
import type { FailureReason, InvocationStatus } from "../../src/domain/runs/invocation.ts";

/**
 * Input and output are sealed elsewhere; here are their digests. The lease columns make the table
 * its own queue.
 */
export interface InvocationsTable {
  id: string;
  skill_id: string;
  version_id: string;
  buyer_id: string;
  publisher_id: string;
  execution_mode: ExecutionMode;
  agent_id: string | null;
  passport_id: string | null;
  /** Of the passport it was asked for with. */
  session_id: string | null;
  status: InvocationStatus;
  /** 1: above its passport's threshold; nobody works on it before its operator has said yes. */
  awaits_approval: number;
  price_cents: number;
  reserve_cents: number;
  compute_cents: number;
  publisher_cents: number;
  /**
   * Held for calls with the publisher's credentials, 15 % included; what they came to; and the 15 %
   * on that.
   */
  service_reserve_cents: number;
  service_cents: number;
  service_markup_cents: number;
  /** Providers whose key it takes to run it, sorted, comma between; empty when none. */
  providers: string;
  input_digest: string;
  input_chars: number;
  /** The most that it can use while it runs; what it used once it is over. */
  compute_micro_usd: number;
  /** Percent, as the provider of an open skill reports it. */
  progress: number | null;
  output_digest: string | null;
  stand_in: number;
  verdict: FailureReason | null;
  /** The code with which its script refused the input, one that its version declares. */
  refusal_code: string | null;
  failed_step: number | null;
  failed_line: number | null;
  /** JSON of the limit that the failed step met. */
  failed_limit: string | null;
  /** JSON of what all steps used together. */
  usage: string | null;
  /** The layers around the sandbox while it ran. */
  isolation: string | null;
  lease_owner: string | null;
  lease_expires_at: number | null;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  expires_at: number;
  /**
   * Of who asked for what; null when a run of its own was asked for. One that is not over has no
   * equal.
   */
  call_digest: string | null;
  /**
   * The number of calls that asked for it while it ran: the one that began it, and the same again.
   */
  calls: number;
  /** The time at which input and output were erased: then only their digests are left. */
  erased_at: number | null;
}
