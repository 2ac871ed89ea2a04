import { HealthService } from "../../services/host/health-service.ts";
import { MetricsService } from "../../services/host/metrics.ts";
import { OperatorRemovalService } from "../../services/host/operator-removal-service.ts";
import { ReportService } from "../../services/host/report-service.ts";
import { ExampleDesk } from "../../services/host/seed/example-desk.ts";
import { SeedService } from "../../services/host/seed/seed-service.ts";
import { OperatorAdminService } from "../../services/operators/operator-admin-service.ts";
import { OperatorExportService } from "../../services/operators/operator-export-service.ts";
import { OperatorService } from "../../services/operators/operator-service.ts";
import type { Auth } from "./auth.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Ground } from "./ground.ts";
import type { Market } from "./market.ts";

/** The host looks after its operators and its machine. */
export function composeHost(
  ground: Ground,
  { pepper }: Auth,
  { worker, services: { erasure, provider } }: Market,
  { services: { revocations } }: ControlPlane,
) {
  const { config, pages } = ground;
  const slots = config.sandboxSlots;
  const admin = new OperatorAdminService(ground);
  return {
    desk: new ExampleDesk({ ...ground, provider }),
    services: {
      health: new HealthService({ ...config, ...ground, slots, publicUrl: config.http.publicUrl }),
      metrics: new MetricsService({ ...ground, worker, slots }),
      operatorAdmin: admin,
      operatorExport: new OperatorExportService(ground),
      operatorRemoval: new OperatorRemovalService({ ...ground, admin, revocations, erasure }),
      operators: new OperatorService({ ...ground, pepper }),
      pages,
      reports: new ReportService(ground),
      seed: new SeedService(ground),
    },
  };
}
