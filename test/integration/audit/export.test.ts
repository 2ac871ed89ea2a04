import { describe, expect, test } from "vitest";
import { verifyAuditExportOffline } from "../../../src/sdk/index.ts";
import { auditedWorld } from "../../helpers/audited-world.ts";

describe("an audit export", () => {
  async function exported() {
    const made = await auditedWorld();
    const lines = [];
    for await (const entry of made.app.services.audit.export(made.buyer.id, {}))
      lines.push(JSON.stringify(entry));
    return { made, lines, jwks: await made.app.services.signingKeys.jwks() };
  }

  test("verifies without a database, its signed end included", async () => {
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
  ])("names the row when verification finds %s", async (_, change, problem) => {
    const { lines, jwks } = await exported();
    expect((await verifyAuditExportOffline(change(lines).join("\n"), { jwks })).problem).toMatch(
      problem,
    );
  });

  test("verifies for a part of the chain", async () => {
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
