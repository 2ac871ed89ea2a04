import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import * as initial from "./0001-initial.ts";
import * as marketplace from "./0002-marketplace.ts";
import * as services from "./0003-services.ts";
import * as http from "./0004-http.ts";
import * as agents from "./0005-agents.ts";
import * as leaseOwners from "./0006-lease-owners.ts";
import * as sameCalls from "./0007-same-calls.ts";
import * as searchText from "./0008-search-text.ts";
import * as examples from "./0009-examples.ts";
import * as finding from "./0010-finding.ts";
import * as budgets from "./0011-budgets.ts";
import * as refusals from "./0012-refusals.ts";
import * as sales from "./0013-sales.ts";
import * as operators from "./0014-operators.ts";
import * as departures from "./0015-departures.ts";

/** Numbered, append-only. A migration that has been released is never changed. */
export const MIGRATIONS: Readonly<
  Record<string, Migration & { up(db: Kysely<unknown>): Promise<void> }>
> = {
  "0001-initial": initial,
  "0002-marketplace": marketplace,
  "0003-services": services,
  "0004-http": http,
  "0005-agents": agents,
  "0006-lease-owners": leaseOwners,
  "0007-same-calls": sameCalls,
  "0008-search-text": searchText,
  "0009-examples": examples,
  "0010-finding": finding,
  "0011-budgets": budgets,
  "0012-refusals": refusals,
  "0013-sales": sales,
  "0014-operators": operators,
  "0015-departures": departures,
};
