import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AuditEvent,
  type AuditRow,
  brokenLink,
  chainRow,
  exportedEntry,
  GENESIS_HASH,
  rowOfExport,
} from "../../../../src/domain/audit/audit.ts";
import { LIMITS } from "../../../../src/shared/limits.ts";

const LINK = {
  entryId: "aud_1",
  seq: 1,
  timestamp: "2026-01-01T00:00:00.000Z",
  prevHash: GENESIS_HASH,
};
const EVENT: AuditEvent = {
  operatorId: "op_a",
  action: "skill.settle",
  outcome: "success",
  agentId: "agt_1",
  passportJti: "pp_1",
  details: { invocation_id: "sinv_1", price_cents: 25 },
};
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("breaks a chain where a row is altered, moved or missing", () => {
  const event = { operatorId: "op_a", action: "agent.delete", outcome: "success" } as const;
  const timestamp = "2026-01-01T00:00:00.000Z";
  const first = chainRow(event, { entryId: "aud_1", seq: 1, timestamp, prevHash: GENESIS_HASH });
  const second = chainRow(event, { entryId: "aud_2", seq: 2, timestamp, prevHash: first.hash });
  expect(brokenLink(first, { seq: 1, prevHash: GENESIS_HASH })).toBeUndefined();
  expect(brokenLink(second, { seq: 2, prevHash: first.hash })).toBeUndefined();
  expect(brokenLink(second, { seq: 1, prevHash: GENESIS_HASH })).toMatch(/missing/);
  expect(
    brokenLink(
      { ...second, body: second.body.replace('"agent.delete"', '"agent.update"') },
      { seq: 2, prevHash: first.hash },
    ),
  ).toMatch(/altered/);
  expect(brokenLink(second, { seq: 2, prevHash: GENESIS_HASH })).toMatch(/does not follow/);
  expect(brokenLink({ ...first, operatorId: "op_b" }, { seq: 1, prevHash: GENESIS_HASH })).toMatch(
    /moved/,
  );
});

test("writes every field of a row in canonical order", () => {
  expect(chainRow(EVENT, LINK).body).toBe(
    '{"action":"skill.settle","agent_id":"agt_1",' +
      '"details":{"invocation_id":"sinv_1","price_cents":25},"entry_id":"aud_1",' +
      '"error_code":null,"layer":"skills","operator_id":"op_a","outcome":"success",' +
      `"passport_jti":"pp_1","prev_hash":"${"0".repeat(64)}","seq":1,` +
      '"timestamp":"2026-01-01T00:00:00.000Z"}',
  );
});

test("hashes the bytes of the body", () => {
  const row = chainRow(EVENT, LINK);
  expect(row).toMatchObject({ operatorId: "op_a", seq: 1, hash: sha256(row.body) });
});

test("writes null for what an event does not name", () => {
  const event = { operatorId: "op_a", action: "agent.delete", outcome: "failure" } as const;
  expect(JSON.parse(chainRow({ ...event, errorCode: "BUSY" }, LINK).body)).toMatchObject({
    agent_id: null,
    passport_jti: null,
    error_code: "BUSY",
    details: {},
  });
});

test("refuses a detail that the table does not list", () => {
  expect(() => chainRow({ ...EVENT, details: { input: "secret" } }, LINK)).toThrow(
    "audit-actions.ts does not list input among the details of skill.settle",
  );
});

test("takes a body of the largest size, and refuses the next byte", () => {
  const withDetail = (chars: number) =>
    chainRow({ ...EVENT, details: { output_digest: "x".repeat(chars) } }, LINK);
  const room = LIMITS.auditBodyBytes - Buffer.byteLength(withDetail(0).body);
  expect(Buffer.byteLength(withDetail(room).body)).toBe(8_192);
  expect(() => withDetail(room + 1)).toThrow("an audit body stays small");
});

const text = fc.string({ maxLength: 20 });
const events: fc.Arbitrary<AuditEvent> = fc.record({
  operatorId: fc.constant("op_a"),
  action: fc.constant("skill.settle" as const),
  outcome: fc.constantFrom("success" as const, "failure" as const),
  agentId: fc.option(text, { nil: undefined }),
  errorCode: fc.option(text, { nil: undefined }),
  details: fc.record({ invocation_id: text, price_cents: fc.integer() }),
});
const chains = fc.array(events, { minLength: 2, maxLength: 6 }).map((all) => {
  const rows: AuditRow[] = [];
  for (const event of all) {
    const prevHash = rows.at(-1)?.hash ?? GENESIS_HASH;
    const seq = rows.length + 1;
    rows.push(chainRow(event, { ...LINK, entryId: `aud_${seq}`, seq, prevHash }));
  }
  return rows;
});

/** The seq of the first row that does not continue the chain. */
function brokenAt(rows: readonly AuditRow[]): number | undefined {
  let prevHash = GENESIS_HASH;
  for (const [index, row] of rows.entries()) {
    if (brokenLink(row, { seq: index + 1, prevHash }) !== undefined) return index + 1;
    prevHash = row.hash;
  }
  return undefined;
}

test("finds nothing broken in a chain as it was written", () => {
  fc.assert(
    fc.property(chains, (rows) => {
      expect(brokenAt(rows)).toBeUndefined();
    }),
  );
});

test("breaks at the row in which any field of the body was changed", () => {
  const field = fc.constantFrom(
    ...Object.keys(JSON.parse(chainRow(EVENT, LINK).body) as Record<string, unknown>),
  );
  fc.assert(
    fc.property(chains, fc.nat(), field, (rows, pick, name) => {
      const at = pick % rows.length;
      const altered = rows.map((row, index) => {
        if (index !== at) return row;
        const body = JSON.parse(row.body) as Record<string, unknown>;
        return { ...row, body: JSON.stringify({ ...body, [name]: "changed" }) };
      });
      expect(brokenAt(altered)).toBe(at + 1);
    }),
  );
});

test("breaks behind a row that was rewritten with a hash that fits it", () => {
  fc.assert(
    fc.property(chains, fc.nat(), (rows, pick) => {
      const at = pick % (rows.length - 1);
      const rewritten = rows.map((row, index) => {
        if (index !== at) return row;
        const body = row.body.replace('"entry_id":"aud_', '"entry_id":"aud_x');
        return { ...row, body, hash: sha256(body) };
      });
      expect(brokenAt(rewritten)).toBe(at + 2);
    }),
  );
});

test("breaks where a row was taken out or two have changed places", () => {
  fc.assert(
    fc.property(chains, fc.nat(), (rows, pick) => {
      const at = pick % (rows.length - 1);
      expect(brokenAt(rows.toSpliced(at, 1))).toBe(at + 1);
      const swapped = rows.flatMap((row, index) => (index === at ? [] : [row]));
      expect(brokenAt(swapped.toSpliced(at + 1, 0, ...rows.slice(at, at + 1)))).toBe(at + 1);
    }),
  );
});

test.each(["null", "1", '"text"', "[]", "{", ""])("breaks at a body that is no row: %j", (body) => {
  const row = { operatorId: "op_a", seq: 1, body, hash: sha256(body) };
  expect(brokenLink(row, LINK)).toBe("row 1 does not follow the row before it");
});

test("breaks at a row whose body has another place", () => {
  const body = chainRow(EVENT, { ...LINK, seq: 7 }).body;
  const row = { operatorId: "op_a", seq: 1, body, hash: sha256(body) };
  expect(brokenLink(row, LINK)).toBe("row 1 was moved from elsewhere");
});

test("exports the fields of a row beside its hash", () => {
  const row = chainRow(EVENT, LINK);
  expect(exportedEntry(row)).toMatchObject({
    entry_id: "aud_1",
    details: { price_cents: 25 },
    prev_hash: GENESIS_HASH,
    entry_hash: row.hash,
  });
});

test("reads from an export the row that it was, whatever the order of its fields", () => {
  fc.assert(
    fc.property(chains, (rows) => {
      for (const row of rows) {
        const entry = JSON.parse(JSON.stringify(exportedEntry(row))) as Record<string, unknown>;
        expect(rowOfExport(entry)).toEqual(row);
        expect(rowOfExport(Object.fromEntries(Object.entries(entry).reverse()))).toEqual(row);
      }
    }),
  );
});

test("breaks at an exported entry that was changed or given a field", () => {
  const entry = exportedEntry(chainRow(EVENT, LINK));
  for (const changed of [
    { ...entry, outcome: "failure" },
    { ...entry, note: "" },
  ]) {
    const row = rowOfExport(changed);
    expect(row && brokenLink(row, LINK)).toMatch(/was altered/);
  }
});

test.each([
  [null],
  [undefined],
  ["text"],
  [7],
  [{}],
  [{ operator_id: "op_a", seq: 1 }],
  [{ entry_hash: "x", seq: 1 }],
  [{ entry_hash: "x", operator_id: "op_a" }],
  [{ entry_hash: "x", operator_id: "op_a", seq: "1" }],
  [{ entry_hash: 1, operator_id: "op_a", seq: 1 }],
])("takes %j for no exported entry", (entry) => {
  expect(rowOfExport(entry)).toBeUndefined();
});
