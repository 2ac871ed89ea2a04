import type { Connection } from "../../../storage/repositories/connections.ts";
import type { OwnedCredential } from "../../domain/identity/connection.ts";
import { hostIsAmong, isLocalHost } from "../../domain/runs/hosts.ts";
import type { EgressRun } from "./egress-terms.ts";

export function ownerOf(
  { buyerId, publisherId }: Pick<EgressRun, "buyerId" | "publisherId">,
  needed: OwnedCredential,
) {
  return needed.provided_by === "buyer" ? buyerId : publisherId;
}

/**
 * Returns the reason that a connection cannot serve as a model provider's key: the key is a bearer
 * token, and goes only to the address that the host configured.
 */
export function modelKeyProblem(
  { auth, hosts }: Connection,
  baseUrl: URL | undefined,
): string | undefined {
  if (!baseUrl) return undefined;
  if (auth.type !== "bearer")
    return "a model provider takes its key as bearer, and the connection has another auth.";
  if (!hostIsAmong(hosts, baseUrl.hostname))
    return `${baseUrl.hostname} is not among the hosts of its connection.`;
  if (baseUrl.protocol !== "https:" && !isLocalHost(baseUrl.hostname))
    return "a key goes over https only.";
  return undefined;
}
