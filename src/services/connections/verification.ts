import type { Connection } from "../../../storage/repositories/connections.ts";
import type { ConnectionStatus } from "../../domain/identity/connection.ts";
import { hostIsAmong } from "../../domain/runs/hosts.ts";
import { invalidRequest } from "../../shared/errors.ts";

/** The answer of a service that was asked whether it takes the secret. */
export interface Verification {
  readonly connection_id: string;
  readonly status: ConnectionStatus;
  /** Of the service's answer; left out when there was none. */
  readonly http_status?: number;
  readonly message: string;
}

export function judge(httpStatus: number): { status: ConnectionStatus; message: string } {
  if (httpStatus >= 200 && httpStatus < 300)
    return { status: "verified", message: "The service accepts the secret." };
  if (httpStatus === 401 || httpStatus === 403)
    return {
      status: "rejected",
      message: "The service refuses the secret. stack_update_connection sets a new secret.",
    };
  const message = `The service answered ${httpStatus}, which decides nothing about the secret. Set another verify_url.`;
  return { status: "unverified", message };
}

export function addressOf({ verify_url, hosts }: Connection): string {
  const host = hosts.find((pattern) => !pattern.startsWith("*"));
  if (verify_url !== null) return verify_url;
  if (host !== undefined) return `https://${host}/`;
  throw invalidRequest(
    "verify_url",
    "There is no address to verify: set verify_url with stack_update_connection.",
  );
}

export function requireVerifiable(verifyUrl: string | undefined, hosts: readonly string[]): void {
  if (verifyUrl === undefined) return;
  const { hostname, username, password } = new URL(verifyUrl);
  const problem =
    username !== "" || password !== "" ? "carry no name and password" : "be on one of hosts";
  if (problem.startsWith("be") && hostIsAmong(hosts, hostname)) return;
  throw invalidRequest("verify_url", `verify_url must ${problem}: the secret goes nowhere else.`);
}
