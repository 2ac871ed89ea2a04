import type { Reader } from "../../../storage/repository-table.ts";
import type { OwnedCredential } from "../../domain/identity/connection.ts";
import { coversService, type ServiceGrant } from "../../domain/identity/passport.ts";
import { DomainError } from "../../shared/errors.ts";
import { modelKeyProblem, ownerOf } from "./credential-owner.ts";
import type { EgressRun } from "./egress-terms.ts";
import { type EgressParts, RunEgress } from "./run-egress.ts";

/**
 * Egress of runs: finds the owner and the hosts of each credential, counts costs, and records
 * calls.
 */
export class EgressService {
  readonly #parts: EgressParts;

  constructor(parts: EgressParts) {
    this.#parts = parts;
  }

  open(run: EgressRun): RunEgress {
    return new RunEgress(this.#parts, run);
  }

  /**
   * Finds the first credential of a skill that its owner has not connected, as a refusal of
   * SERVICE_NOT_CONNECTED.
   */
  async findMissing(
    run: Pick<EgressRun, "buyerId" | "publisherId" | "credentials">,
    modelProviders: readonly string[],
  ): Promise<DomainError | undefined> {
    return this.#parts.store.read(async (r) => {
      for (const needed of run.credentials) {
        const isModel = modelProviders.includes(needed.provider);
        const problem = await this.#problemOf(r, needed, ownerOf(run, needed), isModel);
        if (problem) return problem;
      }
      return undefined;
    });
  }

  /**
   * Finds the first provider whose connection, or a scope of the connection, is missing from the
   * grants.
   */
  async findWithheld(
    operatorId: string,
    needed: readonly OwnedCredential[],
    given: readonly ServiceGrant[],
  ) {
    return this.#parts.store.read(async (r) => {
      for (const { provider, scopes } of needed) {
        const connection = await r.connections.findByProvider(operatorId, provider);
        if (connection && !coversService(given, { connection_id: connection.id, scopes }))
          return provider;
      }
      return undefined;
    });
  }

  /** Lists each credential with the hosts of its connection, for the buyer to read. */
  async describe({
    credentials,
    ...sides
  }: Pick<EgressRun, "buyerId" | "publisherId" | "credentials">) {
    return this.#parts.store.read(async (r) => {
      const services = [];
      for (const needed of credentials) {
        const connection = await r.connections.findByProvider(
          ownerOf(sides, needed),
          needed.provider,
        );
        services.push({ ...needed, ...(connection ? { hosts: connection.hosts } : {}) });
      }
      return services;
    });
  }

  async #problemOf(
    r: Reader,
    needed: OwnedCredential,
    ownerId: string,
    isModel: boolean,
  ): Promise<DomainError | undefined> {
    const { provider, provided_by } = needed;
    const details = { provider, provided_by };
    const connection = await r.connections.findByProvider(ownerId, provider);
    if (connection) {
      const problem = isModel
        ? modelKeyProblem(connection, this.#parts.llm.baseUrlOf(provider))
        : undefined;
      return problem
        ? new DomainError("SERVICE_NOT_CONNECTED", `${provider}: ${problem}`, details)
        : undefined;
    }
    const message =
      provided_by === "buyer"
        ? `The skill calls ${provider} with your credential, and you have not connected ${provider}. stack_connect_custom_service connects it.`
        : `The skill calls ${provider} with its publisher's credential, and its publisher has not connected ${provider}.`;
    return new DomainError("SERVICE_NOT_CONNECTED", message, details);
  }
}
