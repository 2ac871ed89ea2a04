import type { SkillRequest } from "../../../storage/repositories/skill-requests.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { RequestStatus } from "../../domain/market/skill-request.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { isoTime } from "../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import type { JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { byId, type Page, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import { requireUsableSchema } from "../skills/content.ts";

const ERASED = "The request's text was erased: give a new description.";
const NO_REQUEST =
  "There is no such request, or it is not yours to change. stack_list_skill_requests shows the board.";
const LISTED_SCHEMA_CHARS = 1_000;

export interface PostSkillRequest {
  readonly description: string;
  readonly desired_input_schema?: JsonObject | boolean | undefined;
  readonly desired_output_schema?: JsonObject | boolean | undefined;
  readonly max_price_cents?: number | undefined;
  readonly tags: readonly string[];
}

export type ChangeSkillRequest = Partial<PostSkillRequest> & {
  readonly status?: RequestStatus | undefined;
};

export interface ListSkillRequests extends PageRequest {
  readonly status?: RequestStatus | undefined;
  readonly mine?: boolean | undefined;
  readonly offset?: number | undefined;
}

export interface SkillRequestParts {
  readonly store: Store;
  readonly schemas: SchemaChecker;
}

/** The request board: buyers describe missing skills, and all operators read them. */
export class SkillRequestService {
  readonly #parts: SkillRequestParts;

  constructor(parts: SkillRequestParts) {
    this.#parts = parts;
  }

  /** Throws SCHEMA_UNSUPPORTED, or RATE_LIMITED for an operator with many open requests. */
  async post(caller: Caller, request: PostSkillRequest) {
    await this.#requireSchemas(request);
    const {
      desired_input_schema: input = null,
      desired_output_schema: output = null,
      max_price_cents = null,
    } = request;
    const id = await this.#parts.store.transact([caller.operatorId], async (t) => {
      if ((await t.skillRequests.countOpen(caller.operatorId)) >= LIMITS.openRequests) {
        throw new DomainError(
          "RATE_LIMITED",
          `You have ${LIMITS.openRequests} open requests: close one first.`,
        );
      }
      const requestId = newId("sreq");
      const { operatorId } = caller;
      await t.skillRequests.insert({
        id: requestId,
        operator_id: operatorId,
        description: request.description,
        desired_input_schema: input,
        desired_output_schema: output,
        max_price_cents,
        tags: request.tags,
        status: "open",
      });
      const details = { request_id: requestId };
      await t.audit.append({ operatorId, action: "request.post", outcome: "success", details });
      return requestId;
    });
    return this.get(caller, id);
  }

  async list(caller: Caller, request: ListSkillRequests): Promise<Page<SkillRequestView>> {
    requireCursor("sreq", request.cursor);
    if (request.cursor !== undefined && request.offset !== undefined) {
      throw invalidRequest("offset", "cursor and offset exclude each other: give one.");
    }
    const found = await this.#parts.store.read((r) =>
      r.skillRequests.list({
        status: request.status,
        operatorId: request.mine ? caller.operatorId : undefined,
        beforeId: request.cursor,
        offset: request.offset,
        limit: request.limit,
      }),
    );
    return pageOf(found.slice(0, request.limit).map(briefOf), found.length, byId);
  }

  /** Throws NOT_FOUND. */
  async get(_caller: Caller, requestId: string): Promise<SkillRequestView> {
    return viewOf(await this.#parts.store.read((r) => requireSkillRequest(r, requestId)));
  }

  /**
   * Changes a request of the caller. Throws NOT_FOUND for a missing or a foreign request alike,
   * SCHEMA_UNSUPPORTED.
   */
  async update(
    caller: Caller,
    requestId: string,
    change: ChangeSkillRequest,
  ): Promise<SkillRequestView> {
    await this.#requireSchemas(change);
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const found = await requireSkillRequest(t, requestId);
      if (found.operator_id !== caller.operatorId) throw new DomainError("NOT_FOUND", NO_REQUEST);
      if (found.description === "" && change.description === undefined)
        throw invalidRequest("description", ERASED);
      await t.skillRequests.update(found.id, change);
      const details = { request_id: found.id, status: change.status ?? found.status };
      const { operatorId } = caller;
      await t.audit.append({ operatorId, action: "request.update", outcome: "success", details });
    });
    return this.get(caller, requestId);
  }

  async #requireSchemas(request: Partial<PostSkillRequest>): Promise<void> {
    for (const field of ["desired_input_schema", "desired_output_schema"] as const) {
      const schema = request[field];
      if (schema !== undefined) await requireUsableSchema(this.#parts.schemas, field, schema);
    }
  }
}

export async function requireSkillRequest(r: Reader, requestId: string): Promise<SkillRequest> {
  const found = isId("sreq", requestId) ? await r.skillRequests.find(requestId) : undefined;
  if (!found) throw new DomainError("NOT_FOUND", NO_REQUEST);
  return found;
}

function viewOf(request: SkillRequest) {
  const {
    desired_input_schema: input,
    desired_output_schema: output,
    max_price_cents: price,
  } = request;
  return {
    id: request.id,
    operator_id: request.operator_id,
    status: request.status,
    description: request.description,
    tags: request.tags,
    desired_input_schema: input ?? undefined,
    desired_output_schema: output ?? undefined,
    max_price_cents: price ?? undefined,
    created_at: isoTime(request.created_at),
    updated_at: isoTime(request.updated_at),
  };
}

/** Leaves long schemas out of a listing; the request itself shows them. */
function briefOf(request: SkillRequest): SkillRequestView {
  const short = <Schema>(schema: Schema) =>
    JSON.stringify(schema).length <= LISTED_SCHEMA_CHARS ? schema : null;
  const { desired_input_schema: input, desired_output_schema: output } = request;
  return viewOf({
    ...request,
    desired_input_schema: short(input),
    desired_output_schema: short(output),
  });
}

export type SkillRequestView = ReturnType<typeof viewOf>;
