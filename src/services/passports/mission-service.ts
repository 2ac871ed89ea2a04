import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import type { Mission } from "../../../storage/repositories/missions.ts";

import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import type { IssueRequest } from "./grant-passport.ts";
import type { IssuedPassport, PassportService } from "./passport-service.ts";
import { viewOf } from "./passport-view.ts";

export interface MissionParts {
  readonly store: Store;
  readonly passports: PassportService;
}

/**
 * Missions: an errand of an agent under one passport, which a repeated call returns again.
 */
export class MissionService {
  readonly #parts: MissionParts;

  constructor(parts: MissionParts) {
    this.#parts = parts;
  }

  /**
   * Starts a mission. A repeated idempotency key returns the same mission, its passport signed
   * again. Throws what issuing throws.
   */
  async start(caller: Caller, request: IssueRequest, key: IdempotencyKey | undefined) {
    if (caller.passport) throw new DomainError("FORBIDDEN", "A passport cannot start a mission.");
    const missionId = await this.#parts.store.transactOnce([caller.operatorId], key, async (t) => {
      const [id, jti] = [newId("msn"), newId("pp")];
      const { stk } = await this.#parts.passports.issueWithin(t, caller, {
        request,
        jti,
        missionId: id,
      });
      await t.missions.insert({
        id,
        operator_id: stk.operator_id,
        agent_id: stk.agent_id,
        jti,
      });
      return id;
    });
    const mission = await this.#parts.store.read((r) => requireOwnMission(r, caller, missionId));
    return this.#withToken(mission, await this.#parts.passports.token(mission.jti));
  }

  /** Throws NOT_FOUND. */
  async get(caller: Caller, missionId: string) {
    return this.#parts.store.read(async (r) => {
      const mission = await requireOwnMission(r, caller, missionId);
      const passport = await r.passports.find(mission.jti);
      if (!passport) throw new DomainError("NOT_FOUND");
      const { revoked_at, checked_out_at } = passport;
      const open = revoked_at === null ? "active" : "revoked";
      const status = checked_out_at === null ? open : "completed";
      return { ...shown(mission), status, passport: viewOf(passport) } as const;
    });
  }

  /** Refreshes a mission's passport. Throws NOT_FOUND and what refreshing throws. */
  async renew(caller: Caller, missionId: string, ttlSeconds: number) {
    const mission = await this.#parts.store.read((r) => requireOwnMission(r, caller, missionId));
    return this.#withToken(
      mission,
      await this.#parts.passports.refresh(caller, { jti: mission.jti, ttl_seconds: ttlSeconds }),
    );
  }

  #withToken(mission: Mission, passport: IssuedPassport) {
    return { ...shown(mission), passport };
  }
}

async function requireOwnMission(r: Reader, caller: Caller, id: string): Promise<Mission> {
  const found = isId("msn", id) ? await r.missions.find(id) : undefined;
  const isOwn =
    found?.operator_id === caller.operatorId &&
    (!caller.agent || caller.agent.id === found.agent_id);
  if (found && isOwn) return found;
  throw new DomainError("NOT_FOUND", "There is no such mission of yours.");
}

function shown({ id: mission_id, agent_id, created_at }: Mission) {
  return { mission_id, agent_id, created_at: isoTime(created_at) };
}
