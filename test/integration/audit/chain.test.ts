import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verifyAuditExportOffline } from "../../../src/sdk/index.ts";
import { carrying, issue, registerAgent } from "../../helpers/agents.ts";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { rawDatabase } from "../../helpers/raw-database.ts";
import { openSkill } from "../../helpers/skills.ts";

const DAY_MS = 86_400_000;

/** An operator with a chain of some twenty rows, and one beside it. */
async function world(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp({ start: false, ...options });
  const [seller, buyer] = [await opened.enter("seller"), await opened.enter("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const agent = await registerAgent(buyer, "helper");
  const passport = await issue(buyer, agent.id);
  const carried = carrying(opened.app, passport.token);
  const buy = async () => {
    const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", {
      skill_id: skill.id,
      input: {},
      wait_ms: 0,
    });
    await carried.ok("stack_cancel_invocation", { invocation_id: id });
    return id;
  };
  for (let i = 0; i < 8; i++) await buy();
  return { ...opened, seller, buyer, agent, passport, carried, skill, buy };
}

type World = Awaited<ReturnType<typeof world>>;

function problemsOf({ app }: World): Promise<string[]> {
  return app.services.audit
    .verify()
    .then((reports) => reports.flatMap(({ problem }) => problem ?? []));
}

/** Behind the program's back, and past what guards the table. */
function tamper({ home }: World, statement: string): void {
  const raw = rawDatabase(home);
  for (const trigger of ["update", "delete"]) raw.exec(`drop trigger audit_log_${trigger}`);
  raw.exec(statement);
}

describe("the chain", () => {
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
      /row \d+ is gone, of which there is a signed checkpoint: the chain was truncated/,
    ],
    [
      "a stray row before the first",
      "insert into audit_log select operator_id, 0, body, hash from audit_log where seq = 6",
      /row 0 does not belong/,
    ],
  ])("with %s is found, and the row is named", async (_, statement, problem) => {
    const made = await world();
    await made.app.services.auditChains.pin();
    expect(await problemsOf(made)).toEqual([]);
    tamper(made, statement);
    expect((await problemsOf(made)).join("; ")).toMatch(problem);
  });

  test("that was rewritten from one row on, with hashes that fit, no longer has the row of its checkpoint", async () => {
    const made = await world();
    await made.app.services.auditChains.pin();
    await made.buy();
    const { createHash } = await import("node:crypto");
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
      const { default: canonicalize } = await import("canonicalize");
      const text = canonicalize(forged) ?? "";
      prev = createHash("sha256").update(text).digest("hex");
      raw
        .prepare("update audit_log set body = ?, hash = ? where operator_id = ? and seq = ?")
        .run(text, prev, made.buyer.id, seq);
    }
    raw.prepare("update audit_heads set hash = ? where operator_id = ?").run(prev, made.buyer.id);
    expect(await problemsOf(made)).toEqual([
      expect.stringMatching(/is not the one of the signed checkpoint: the chain was rewritten/),
    ]);
    const before = readFileSync(join(made.home, "audit-checkpoints.jsonl"), "utf8");
    await made.app.services.auditChains.pin();
    const line = (text: string) => text.split("\n").find((one) => one.includes(made.buyer.id));
    expect(line(readFileSync(join(made.home, "audit-checkpoints.jsonl"), "utf8"))).toBe(
      line(before),
    );
    expect(made.logged.join("\n")).toContain("it is not pinned");
  });

  test("with a checkpoint that somebody else signed is not believed", async () => {
    const [made, other] = [await world(), await world()];
    const { checkpoint } = await other.app.services.audit.head({
      operatorId: made.buyer.id,
    } as never);
    writeFileSync(
      join(made.home, "audit-checkpoints.jsonl"),
      JSON.stringify({ operator_id: made.buyer.id, checkpoint }),
    );
    expect(await problemsOf(made)).toEqual([
      expect.stringContaining("is not one that this server signed"),
    ]);
  });
});

describe("an export", () => {
  async function exported() {
    const made = await world();
    const lines = [];
    for await (const entry of made.app.services.audit.export(made.buyer.id, {}))
      lines.push(JSON.stringify(entry));
    return { made, lines, jwks: await made.app.services.signingKeys.jwks() };
  }

  test("holds without a database, its signed end included", async () => {
    const { lines, jwks, made } = await exported();
    const report = await verifyAuditExportOffline(lines.join("\n"), { jwks });
    expect(report).toMatchObject({
      operator_id: made.buyer.id,
      rows: lines.length - 1,
      from_seq: 1,
      checkpoint: "good",
    });
    expect(report.problem).toBeUndefined();
    expect(await verifyAuditExportOffline(lines.join("\n"))).toMatchObject({
      checkpoint: "not_checked",
      problem: undefined,
    });
    const tail = await verifyAuditExportOffline(`\ufeff${lines.slice(4).join("\r\n")}\n\n`, {
      jwks,
    });
    expect(tail).toMatchObject({ from_seq: 5, checkpoint: "good", problem: undefined });
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    [
      "a flipped byte",
      (lines) =>
        lines.map((line, i) =>
          i === 4 ? line.replace("success", "failure").replace("pending", "success") : line,
        ),
      /row 5 was altered/,
    ],
    ["a deleted row", (lines) => lines.filter((_, i) => i !== 4), /row 5 is missing/],
    [
      "a repeated row",
      (lines) => [...lines.slice(0, 5), lines[4] ?? "", ...lines.slice(5)],
      /row 5 is there twice, in lines 5 and 6/,
    ],
    [
      "a row repeated later",
      (lines) => [...lines.slice(0, 8), lines[2] ?? "", ...lines.slice(8)],
      /row 3 is there twice, in lines 3 and 9/,
    ],
    [
      "two rows that changed places",
      (lines) => lines.map((line, i) => lines[i === 4 ? 5 : i === 5 ? 4 : i] ?? line),
      /row 6 is out of order, in line 5 behind row 4/,
    ],
    [
      "its first two rows in each other's place",
      ([one = "", two = "", ...rest]) => [two, one, ...rest],
      /row 1 is out of order, in line 2 behind row 2/,
    ],
    [
      "its rows backwards",
      (lines) => lines.slice(0, -1).toReversed(),
      /is out of order, in line 2/,
    ],
    ["no rows but its end", (lines) => lines.slice(-1), /no row in it: nothing was checked/],
    ["nothing", () => [], /no row in it: nothing was checked/],
    ["nothing but blank lines", () => ["", "  ", ""], /no row in it: nothing was checked/],
    [
      "rows cut off at the end",
      (lines) => [...lines.slice(0, 9), lines.at(-1) ?? ""],
      /checkpoint at the end is of row/,
    ],
    ["a line that is no entry", (lines) => ["{}", ...lines], /line 1 is no entry/],
    [
      "a name that was added",
      (lines) => lines.map((line, i) => (i === 4 ? line.replace("{", '{"extra":1,') : line)),
      /row 5 was altered/,
    ],
    ["rows after its end", (lines) => [...lines, lines[0] ?? ""], /comes after the checkpoint/],
    [
      "another server's signature",
      (lines) =>
        lines.map((line) =>
          line.replace(/("checkpoint":".{20,}\.)([^."]{10})([^."]*")/, "$1AAAAAAAAAA$3"),
        ),
      /checkpoint at the end does not hold/,
    ],
  ])("with %s is found, and the row is named", async (_, change, problem) => {
    const { lines, jwks } = await exported();
    expect((await verifyAuditExportOffline(change(lines).join("\n"), { jwks })).problem).toMatch(
      problem,
    );
  });

  test("of a part of the chain holds too", async () => {
    const { made, jwks } = await exported();
    const lines = [];
    for await (const entry of made.app.services.audit.export(made.buyer.id, { afterSeq: 10 }))
      lines.push(JSON.stringify(entry));
    const report = await verifyAuditExportOffline(lines.join("\n"), { jwks });
    expect(report).toMatchObject({ from_seq: 11, checkpoint: "good", problem: undefined });
    await expect(
      made.app.services.audit.export(made.buyer.id, { from: "yesterday" }).next(),
    ).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  });
});

test("old rows go behind a signed checkpoint alone, and the chain and its receipts hold without them", async () => {
  let now = Date.now() - 40 * DAY_MS;
  const home = makeHome();
  writeFileSync(join(home, "config.json"), JSON.stringify({ audit_retention_days: 30 }));
  const made = await world({ clock: clockAt(() => now), home });
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
  expect((await problemsOf(made)).join()).toContain("is not one that this server signed");
});

test("the log names who acted, what was refused to an agent, and no content", async () => {
  const { buyer, agent, passport, carried } = await world();
  await carried.refused("stack_list_transactions");
  const ask = (query: object) =>
    buyer.ok<{
      entries: { action: string; outcome: string; error_code: string; agent_id: string }[];
      max_timestamp: number;
    }>("stack_query_audit", { limit: 100, ...query });
  const byPassport = await ask({ passport_jti: passport.jti });
  expect(byPassport.entries[0]).toMatchObject({
    action: "credential.refused",
    outcome: "blocked",
    error_code: "FORBIDDEN",
  });
  expect(new Set(byPassport.entries.map(({ action }) => action))).toEqual(
    new Set(["credential.refused", "skill.void", "skill.invoke", "passport.issue"]),
  );
  const byAgent = await ask({ agent_id: agent.id });
  expect(byAgent.entries.every(({ agent_id }) => agent_id === agent.id)).toBe(true);
  expect(byAgent.entries.at(-1)).toMatchObject({ action: "agent.register" });
  expect((await ask({ since: byAgent.max_timestamp })).entries).toEqual([]);
  const page = await ask({ limit: 2 });
  const next = await ask({
    limit: 2,
    before_seq: (page as unknown as { next_before_seq: number }).next_before_seq,
  });
  expect(next.entries[0]).toMatchObject({
    seq: ((page as unknown as { next_before_seq: number }).next_before_seq ?? 0) - 1,
  });
  expect(await carried.refused("stack_query_audit")).toMatchObject({ code: "FORBIDDEN" });
});

test("the head comes with the server's signature, and the chain is verified for its operator alone", async () => {
  const made = await world();
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
