import type { OwnedCredential } from "../../domain/identity/connection.ts";
import type { SellerBounds } from "../../domain/runs/metering.ts";
import type { JsonObject } from "../../shared/json.ts";

/** The parties of a run, and the hosts and credentials that it may use. */
export interface EgressRun {
  readonly buyerId: string;
  readonly publisherId: string;
  readonly hosts: readonly string[];
  readonly credentials: readonly OwnedCredential[];
  readonly bounds: SellerBounds;
  /** The names in its audit rows: the invocation and its skill. */
  readonly about: JsonObject;
}
