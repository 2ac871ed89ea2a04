import type { Connection } from "../../../storage/repositories/connections.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { ConnectionAuth } from "../../domain/identity/connection.ts";
import { withCredential } from "../../egress/credential.ts";
import type { Egress } from "../../egress/egress.ts";
import { EgressError } from "../../egress/egress-error.ts";
import { parseUrl } from "../../egress/request.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Secret } from "../../shared/secret.ts";
import type { Verification } from "./verification.ts";
import { addressOf, judge, requireVerifiable } from "./verification.ts";

export interface ConnectRequest {
  readonly provider: string;
  readonly display_name?: string | undefined;
  readonly hosts: readonly string[];
  readonly auth: ConnectionAuth;
  readonly secret: Secret<string>;
  readonly verify_url?: string | undefined;
}

/** A change of a connection. An absent field stays as it is. */
export type ConnectionChange = Partial<Omit<ConnectRequest, "provider">>;

export interface ConnectionParts {
  readonly store: Store;
  readonly egress: Egress;
  readonly clock: Clock;
}

/**
 * Manages the services that operators connect: hosts, auth and the secret, which is never shown
 * again.
 */
export class ConnectionService {
  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Stores a connection. Throws INVALID_REQUEST for a connected provider, TIER_LIMIT_EXCEEDED. */
  async connect(caller: Caller, request: ConnectRequest) {
    requireVerifiable(request.verify_url, request.hosts);
    const id = await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireRoom(t, caller, request.provider);
      const made = newId("scon");
      const { provider, display_name = null, hosts, auth, verify_url = null } = request;
      await t.connections.insert({
        id: made,
        operator_id: caller.operatorId,
        provider,
        display_name,
        hosts,
        auth,
        verify_url,
      });
      await t.sealed.insert(sealedOwner.connection(made), request.secret.reveal());
      await audit(t, caller, {
        action: "service.connect",
        details: {
          connection_id: made,
          provider,
          hosts,
          auth: auth.type,
        },
      });
      return made;
    });
    return this.#show(caller, id);
  }

  async list(caller: Caller) {
    const found = await this.#parts.store.read((r) => r.connections.list(caller.operatorId));
    return { items: found.map(viewOf) };
  }

  /**
   * Changes a connection. A change of hosts or auth needs the secret again. Throws NOT_FOUND, or
   * INVALID_REQUEST for such a change without the secret.
   */
  async update(caller: Caller, id: string, change: ConnectionChange) {
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const connection = await requireOwn(t, caller, id);
      const { secret, ...rest } = change;
      if ((rest.hosts || rest.auth) && !secret) {
        throw invalidRequest(
          "secret",
          "hosts and auth decide where the secret goes: give secret again to change them.",
        );
      }
      requireVerifiable(
        rest.verify_url ?? connection.verify_url ?? undefined,
        rest.hosts ?? connection.hosts,
      );
      if (secret) await t.sealed.replace(sealedOwner.connection(id), secret.reveal());
      const { display_name, hosts, auth, verify_url } = rest;
      await t.connections.update(id, {
        display_name,
        hosts: hosts || undefined,
        auth: auth || undefined,
        verify_url,
        ...(secret ? { status: "unverified", verified_at: null } : {}),
      });
      const fields = Object.entries(change).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      );
      await audit(t, caller, {
        action: "service.update",
        details: {
          connection_id: id,
          provider: connection.provider,
          fields,
        },
      });
    });
    return this.#show(caller, id);
  }

  /** Deletes a connection and its secret; skills then lack the service. Throws NOT_FOUND. */
  async disconnect(caller: Caller, id: string) {
    return this.#parts.store.transact([caller.operatorId], async (t) => {
      const { provider } = await requireOwn(t, caller, id);
      await t.sealed.delete(sealedOwner.connection(id));
      await t.connections.delete(id);
      await audit(t, caller, {
        action: "service.disconnect",
        details: { connection_id: id, provider },
      });
      return { connection_id: id, provider, disconnected: true };
    });
  }

  /**
   * Asks the service whether it accepts the secret: one GET of `verify_url`, or of the first host.
   * 2xx means verified, 401 and 403 mean rejected, any other status decides nothing. Throws
   * NOT_FOUND, or INVALID_REQUEST without an address.
   */
  async verify(caller: Caller, id: string, signal: AbortSignal): Promise<Verification> {
    const { provider } = await this.#parts.store.read((r) => requireOwn(r, caller, id));
    const opened = await this.#parts.store.read((r) =>
      r.connections.open(caller.operatorId, provider),
    );
    if (!opened) throw notFound();
    const { connection, secret } = opened;
    const answer = await this.#ask(connection, secret, signal);
    const { status } = answer;
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const current = await requireOwn(t, caller, id);
      // Changed meanwhile, it is another secret that was asked about.
      if (current.updated_at === connection.updated_at) {
        await t.connections.update(id, {
          status,
          verified_at: status === "verified" ? this.#parts.clock.now() : null,
        });
      }
      await audit(t, caller, {
        action: "credential.verify",
        details: { connection_id: id, provider, status },
        ok: status !== "rejected",
      });
    });
    return { connection_id: id, ...answer };
  }

  async #ask(
    connection: Connection,
    secret: string,
    signal: AbortSignal,
  ): Promise<Omit<Verification, "connection_id">> {
    const address = addressOf(connection);
    const policy = {
      hosts: connection.hosts,
      secureOnly: true,
      authorise: (request: Parameters<typeof withCredential>[0]) =>
        withCredential(request, connection.auth, secret),
    };
    try {
      const request = {
        url: parseUrl(address),
        method: "GET",
        headers: new Map(),
        body: undefined,
      } as const;
      const { status: http_status } = await this.#parts.egress.send(request, policy, signal);
      return { ...judge(http_status), http_status };
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      const message = `The service could not be called: ${error.message.replace("proxy_fetch: ", "")}`;
      return { status: "unverified", message };
    }
  }

  async #show(caller: Caller, id: string) {
    return viewOf(await this.#parts.store.read((r) => requireOwn(r, caller, id)));
  }
}

/** Returns the view of a connection, without its secret. */
function viewOf(connection: Connection) {
  return {
    id: connection.id,
    provider: connection.provider,
    display_name: connection.display_name,
    hosts: connection.hosts,
    auth: connection.auth,
    verify_url: connection.verify_url,
    status: connection.status,
    verified_at: connection.verified_at === null ? null : isoTime(connection.verified_at),
    created_at: isoTime(connection.created_at),
    updated_at: isoTime(connection.updated_at),
  };
}

async function requireRoom(t: Transaction, caller: Caller, provider: string): Promise<void> {
  const existing = await t.connections.list(caller.operatorId);
  const same = existing.find((connection) => connection.provider === provider);
  if (same) {
    const message = `${provider} is connected already, as ${same.id}. stack_update_connection changes it.`;
    throw new DomainError("INVALID_REQUEST", message, {
      field: "provider",
      connection_id: same.id,
    });
  }
  if (existing.length >= LIMITS.connections) {
    const message = `You have ${LIMITS.connections} connections, which is the maximum.`;
    throw new DomainError("TIER_LIMIT_EXCEEDED", message);
  }
}

async function requireOwn(r: Reader, caller: Caller, id: string): Promise<Connection> {
  const found = isId("scon", id) ? await r.connections.find(caller.operatorId, id) : undefined;
  if (found) return found;
  throw notFound();
}

function notFound(): DomainError {
  return new DomainError(
    "NOT_FOUND",
    "There is no such connection. stack_list_connected_services lists yours.",
  );
}

async function audit(
  t: Transaction,
  caller: Caller,
  {
    action,
    details,
    ok = true,
  }: {
    readonly action: AuditAction;
    readonly details: Record<string, string | readonly string[]>;
    readonly ok?: boolean;
  },
): Promise<void> {
  const outcome = ok ? "success" : "failure";
  await t.audit.append({ operatorId: caller.operatorId, action, outcome, details });
}
