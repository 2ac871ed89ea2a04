import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chainRow, GENESIS_HASH } from "../../src/domain/audit/audit.ts";
import { AUDIT_ACTIONS, type AuditAction } from "../../src/domain/audit/audit-actions.ts";
import { root } from "../helpers/root.ts";

const services = globSync("src/services/**/*.ts", { cwd: root })
  .map((file) => readFileSync(`${root}${file}`, "utf8"))
  .join("\n");
const actions = Object.keys(AUDIT_ACTIONS) as AuditAction[];

test("tells every action of the table in some service", () => {
  expect(actions.filter((action) => !services.includes(`"${action}"`))).toEqual([]);
});

test.each(actions)("takes for %s its own details and no other", (action) => {
  const link = {
    entryId: "aud_1",
    seq: 1,
    timestamp: "2026-01-01T00:00:00.000Z",
    prevHash: GENESIS_HASH,
  };
  const event = { operatorId: "op_1", action, outcome: "success" } as const;
  const details = Object.fromEntries(AUDIT_ACTIONS[action].details.map((field) => [field, "x"]));
  expect(JSON.parse(chainRow({ ...event, details }, link).body)).toMatchObject({
    action,
    layer: AUDIT_ACTIONS[action].layer,
    details,
  });
  expect(() => chainRow({ ...event, details: { ...details, secret: "x" } }, link)).toThrow(
    "does not list secret among the details",
  );
});
