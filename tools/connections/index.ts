import type { Operation } from "../../src/operations/define-operation.ts";
import { connectCustomService } from "./connect-custom-service.ts";
import { disconnectService } from "./disconnect-service.ts";
import { listConnectedServices } from "./list-connected-services.ts";
import { updateConnection } from "./update-connection.ts";
import { verifyConnection } from "./verify-connection.ts";

/** Services that skills call with secrets of the operator. */
export const CONNECTIONS: readonly Operation[] = [
  connectCustomService,
  listConnectedServices,
  updateConnection,
  disconnectService,
  verifyConnection,
];
