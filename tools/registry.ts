import type { Operation } from "../src/operations/define-operation.ts";
import { TOOLSETS } from "../src/operations/toolsets.ts";
import { ADMIN } from "./admin/index.ts";
import { AGENTS } from "./agents/index.ts";
import { AUDIT } from "./audit/index.ts";
import { CONNECTIONS } from "./connections/index.ts";
import { CORE } from "./core.ts";
import { IDENTITY } from "./identity/index.ts";
import { INVOCATIONS } from "./invocations/index.ts";
import { META } from "./meta/index.ts";
import { PASSPORTS } from "./passports/index.ts";
import { SKILL_REQUESTS } from "./skill-requests/index.ts";
import { SKILLS } from "./skills/index.ts";
import { WALLET } from "./wallet/index.ts";

const LISTS = [
  SKILLS,
  SKILL_REQUESTS,
  INVOCATIONS,
  WALLET,
  AGENTS,
  PASSPORTS,
  IDENTITY,
  AUDIT,
  CONNECTIONS,
  META,
  ADMIN,
];

const all = [...new Set([...CORE, ...LISTS.flat()])];

/** Every operation, in the order in which clients are shown them: by toolset, the core first. */
export const OPERATIONS: readonly Operation[] = TOOLSETS.flatMap((toolset) =>
  all.filter((operation) => operation.toolset === toolset),
);
