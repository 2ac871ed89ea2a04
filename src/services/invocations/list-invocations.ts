import type { InvocationStatus } from "../../domain/runs/invocation.ts";
import type { PageRequest } from "../pagination.ts";

/** A page of invocations that wait for their provider. */
export interface ListPending extends PageRequest {
  readonly skill_id?: string | undefined;
}

/** A page of invocations that an operator bought, or sold. */
export interface ListInvocations extends ListPending {
  readonly status?: InvocationStatus | undefined;
}
