import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedLines, type LongLine } from "../../../../../src/faces/mcp/stdio/bounded-lines.ts";

function linesOf(maxBytes: number, chunks: readonly Buffer[]): (string | LongLine)[] {
  const heard: (string | LongLine)[] = [];
  const lines = new BoundedLines(maxBytes, {
    onLine: (line) => heard.push(line.toString()),
    onLongLine: (line) => heard.push(line),
  });
  for (const chunk of chunks) lines.push(chunk);
  return heard;
}

test("reads the same lines however their bytes arrive", () => {
  const line = fc
    .string({ unit: "binary", maxLength: 30 })
    .map((text) => text.replaceAll("\n", " ").toWellFormed());
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (given, sizes) => {
      const bytes = Buffer.from(given.map((text) => `${text}\n`).join(""));
      const chunks = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i] ?? 7;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(linesOf(1_000, chunks)).toEqual(given);
    }),
  );
});

test("keeps the ends of a line that is too long, and reads the next one whole", () => {
  const long = `begin${"x".repeat(5_000)}end`;
  const bytes = Buffer.from(`short\n${long}\nnext\n`);
  for (const size of [1, 64, 100_000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const [short, cut, next] = linesOf(2_000, chunks);
    expect([short, next]).toEqual(["short", "next"]);
    expect((cut as LongLine).head).toMatch(/^begin/);
    expect((cut as LongLine).tail).toMatch(/end$/);
  }
});

test("reads a line that is exactly as long as it may be", () => {
  expect(linesOf(5, [Buffer.from("12345\n123456\n")])).toEqual([
    "12345",
    { head: "123456", tail: "123456" },
  ]);
});
