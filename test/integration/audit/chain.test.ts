import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import { auditedWorld } from "../../helpers/audited-world.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { rawDatabase } from "../../helpers/raw-database.ts";

const DAY_MS = 86_400_000;

type AuditedWorld = Awaited<ReturnType<typeof auditedWorld>>;

function problemsOf({ app }: AuditedWorld): Promise<string[]> {
  return app.services.audit
    .verify()
    .then((reports) => reports.flatMap(({ problem }) => problem ?? []));
}

/** Behind the program's back, and past what guards the table. */
function tamper({ home }: AuditedWorld, statement: string): void {
  const raw = rawDatabase(home);
  for (const trigger of ["update", "delete"]) raw.exec(`drop trigger audit_log_${trigger}`);
  raw.exec(statement);
}

describe("the audit chain", () => {
  test.each([
    [
      "a flipped byte",
      "update audit_log set body = replace(body, '\"skill.void\"', '\"skill.voie\"') where seq = 6",
      /row 6 was altered/,
    ],
    [
      "a changed hash",
      "update audit_log set hash = replace(hash, substr(hash, 1, 1), 'x') where seq = 6",
      /row 6 was altered/,
    ],
    ["a deleted row", "delete from audit_log where seq = 6", /row 6 is missing/],
    ["the first row gone", "delete from audit_log where seq = 1", /row 1 is missing/],
    [
      "a row that is inserted",
      "insert into audit_log select operator_id, 7000, body, hash from audit_log where seq = 6",
      /row \d+ is missing/,
    ],
    [
      "a row of another chain",
      "update audit_log set body = (select body from audit_log o where o.operator_id <> audit_log.operator_id and o.seq = 3 limit 1), hash = (select hash from audit_log o where o.operator_id <> audit_log.operator_id and o.seq = 3 limit 1) where seq = 3",
      /row 3 (?:does not follow|was moved)/,
    ],
    [
      "two rows that changed places",
      "update audit_log set seq = -1 where seq = 5; update audit_log set seq = 5 where seq = 6; update audit_log set seq = 6 where seq = -1",
      /row 5 (?:does not follow|was moved)/,
    ],
    [
      "rows cut off at the end",
      "delete from audit_log where seq > 9",
      /head is row \d+, but its last row is/,
    ],
    [
      "rows cut off, and the head with them",
      "delete from audit_log where seq > 9; update audit_heads set seq = 9, hash = (select hash from audit_log l where l.operator_id = audit_heads.operator_id and l.seq = 9) where seq > 9",
      /row \d+ of the signed checkpoint is missing: the chain was truncated/,
    ],
    [
      "a stray row before the first",
      "insert into audit_log select operator_id, 0, body, hash from audit_log where seq = 6",
      /row 0 does not belong/,
    ],
  ])("names the row when verification finds %s", async (_, statement, problem) => {
    const made = await auditedWorld();
    await made.app.services.auditChains.pin();
    expect(await problemsOf(made)).toEqual([]);
    tamper(made, statement);
    expect((await problemsOf(made)).join("; ")).toMatch(problem);
  });

  test("finds a chain that was rewritten with fitting hashes by its checkpoint", async () => {
    const made = await auditedWorld();
    await made.app.services.auditChains.pin();
    await made.buy();
    const raw = rawDatabase(made.home);
    for (const trigger of ["update", "delete"]) raw.exec(`drop trigger audit_log_${trigger}`);
    const rows = raw
      .prepare("select seq, body from audit_log where operator_id = ? order by seq")
      .all(made.buyer.id) as { seq: number; body: string }[];
    let prev = "0".repeat(64);
    for (const { seq, body } of rows) {
      const forged = {
        ...(JSON.parse(body) as object),
        prev_hash: prev,
        ...(seq === 6 ? { details: { amount_cents: 1 } } : {}),
      };
      const text = canonicalize(forged) ?? "";
      prev = createHash("sha256").update(text).digest("hex");
      raw
        .prepare("update audit_log set body = ?, hash = ? where operator_id = ? and seq = ?")
        .run(text, prev, made.buyer.id, seq);
    }
    raw.prepare("update audit_heads set hash = ? where operator_id = ?").run(prev, made.buyer.id);
    expect(await problemsOf(made)).toEqual([
      expect.stringMatching(/differs from the signed checkpoint: the chain was rewritten/),
    ]);
    const before = readFileSync(join(made.home, "audit-checkpoints.jsonl"), "utf8");
    await made.app.services.auditChains.pin();
    const line = (text: string) => text.split("\n").find((one) => one.includes(made.buyer.id));
    expect(line(readFileSync(join(made.home, "audit-checkpoints.jsonl"), "utf8"))).toBe(
      line(before),
    );
    expect(made.logged.join("\n")).toContain("it is not pinned");
  });

  test("rejects a checkpoint that somebody else signed", async () => {
    const [made, other] = [await auditedWorld(), await auditedWorld()];
    const { checkpoint } = await other.app.services.audit.head({
      operatorId: made.buyer.id,
    } as never);
    writeFileSync(
      join(made.home, "audit-checkpoints.jsonl"),
      JSON.stringify({ operator_id: made.buyer.id, checkpoint }),
    );
    expect(await problemsOf(made)).toEqual([
      expect.stringContaining("this server did not sign the checkpoint"),
    ]);
  });
});

test("drops old rows only behind a signed checkpoint, and verifies without them", async () => {
  let now = Date.now() - 40 * DAY_MS;
  const home = makeHome();
  writeFileSync(join(home, "config.json"), JSON.stringify({ audit_retention_days: 30 }));
  const made = await auditedWorld({ clock: clockAt(() => now), home });
  const { app, buyer, skill } = made;
  const early =
    (await buyer.ok<{ items: { id: string }[] }>("stack_list_my_invocations")).items[0]?.id ?? "";
  now += 40 * DAY_MS;
  const { id: late } = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  expect(() => rawDatabase(home).exec("delete from audit_log")).toThrow(/only behind a checkpoint/);
  await app.services.auditChains.pin();
  await app.services.auditChains.dropOld();
  expect(await problemsOf(made)).toEqual([]);
  const { entries } = await buyer.ok<{ entries: { seq: number; details: object }[] }>(
    "stack_query_audit",
    {
      limit: 100,
    },
  );
  expect(entries).toEqual([
    expect.objectContaining({ details: expect.objectContaining({ invocation_id: late }) }),
  ]);
  expect(entries[0]?.seq).toBeGreaterThan(15);
  expect(() => rawDatabase(home).exec("delete from audit_log")).toThrow(/only behind a checkpoint/);
  expect(await buyer.ok("stack_get_receipt", { invocation_id: early })).toMatchObject({
    claims: { status: "cancelled" },
  });
  await app.services.auditChains.pin();
  rawDatabase(home).exec("update audit_checkpoints set hash = replace(hash, 'a', 'b')");
  expect((await problemsOf(made)).join()).toContain("this server did not sign the checkpoint");
});

test("signs the head, and verifies a chain for its operator", async () => {
  const made = await auditedWorld();
  const head = await made.buyer.ok<{ seq: number; checkpoint: string }>("stack_get_audit_head");
  expect(await made.buyer.ok("stack_verify_audit_chain")).toMatchObject({
    valid: true,
    rows: head.seq,
  });
  tamper(made, "delete from audit_log where seq = 3");
  expect(await made.buyer.ok("stack_verify_audit_chain")).toMatchObject({
    valid: false,
    problem: "row 3 is missing",
  });
});
