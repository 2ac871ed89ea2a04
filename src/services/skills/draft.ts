import type { Refusals } from "../../domain/market/refusal.ts";
import type {
  CredentialMode,
  ExecutionMode,
  RequiredCredential,
  SellerCredentialLimit,
  Step,
  TrustLevel,
} from "../../domain/market/skill.ts";
import type { JsonObject } from "../../shared/json.ts";

/** A version as its publisher writes it. */
export interface Draft {
  readonly execution_mode: ExecutionMode;
  readonly credential_mode: CredentialMode;
  readonly trust_level_required: TrustLevel;
  readonly price_per_invocation: number;
  readonly input_schema: JsonObject | boolean;
  readonly output_schema: JsonObject | boolean;
  readonly invocation_ttl_seconds: number;
  readonly execution_steps?: readonly Step[] | undefined;
  readonly required_credentials?: readonly RequiredCredential[] | undefined;
  readonly seller_credential_limit?: SellerCredentialLimit | undefined;
  readonly egress?: { readonly hosts: readonly string[] } | undefined;
  /** True: the same input may have another output a moment later. */
  readonly volatile?: boolean | undefined;
  readonly refusals?: Refusals | undefined;
}
