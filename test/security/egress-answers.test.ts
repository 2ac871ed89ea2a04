import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { Egress } from "../../src/egress/egress.ts";
import { parseFetch } from "../../src/egress/request.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { ANYWHERE, codeOf, send } from "../helpers/egress.ts";
import { type Answer, sends, startHttpServer } from "../helpers/http-server.ts";

const answered = async (answer: Answer, path = "/") => {
  const server = await startHttpServer(answer);
  return send(new Egress({ allowLocal: [`127.0.0.1:${server.port}`] }), `${server.url}${path}`);
};

test("cuts off an answer that is too large, compressed or not", async () => {
  const large = Buffer.alloc(LIMITS.fetchResponseBytes + 1, "x");
  expect(await codeOf(answered(sends(200, large)))).toBe("RESPONSE_TOO_LARGE");
  const bomb = gzipSync(Buffer.alloc(64 * 1_024 * 1_024));
  expect(await codeOf(answered(sends(200, bomb, { "content-encoding": "gzip" })))).toBe(
    "RESPONSE_TOO_LARGE",
  );
  const endless: Answer = (response) => {
    response.writeHead(200);
    const more = (): unknown => !response.destroyed && response.write(Buffer.alloc(65_536), more);
    more();
  };
  expect(await codeOf(answered(endless))).toBe("RESPONSE_TOO_LARGE");
});

test("decodes an answer", async () => {
  const { body, headers } = await answered(
    sends(200, gzipSync("hello"), { "content-encoding": "gzip", "x-a": "1" }),
  );
  expect({ body: body.toString(), headers }).toMatchObject({
    body: "hello",
    headers: { "x-a": "1" },
  });
  expect(headers).not.toHaveProperty("content-encoding");
});

test.each([
  ["two encodings", gzipSync(gzipSync("hello")), "gzip, gzip"],
  ["identity", Buffer.from("hello"), "identity"],
  ["zstd", zstdCompressSync("hello"), "zstd"],
])("decodes an answer in %s", async (_, bytes, encoding) => {
  const { body } = await answered(sends(200, bytes, { "content-encoding": encoding }));
  expect(body.toString()).toBe("hello");
});

test("refuses an unknown encoding: a secret in it could not be seen", async () => {
  expect(await codeOf(answered(sends(200, "hello", { "content-encoding": "x-own" })))).toBe(
    "UNREACHABLE",
  );
});

test.each([
  ["HEAD", 200],
  ["GET", 204],
  ["GET", 304],
  ["GET", 200],
])("takes an answer that is encoded and empty: %s %i", async (method, status) => {
  const server = await startHttpServer(sends(status, "", { "content-encoding": "gzip" }));
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  expect(await send(egress, server.url, { method })).toMatchObject({ status });
});

test("fails on an answer that breaks off, or is no HTTP", async () => {
  expect(await codeOf(answered((response) => void response.socket?.destroy()))).toBe("UNREACHABLE");
  expect(await codeOf(answered((response) => void response.socket?.end("nonsense\r\n\r\n")))).toBe(
    "UNREACHABLE",
  );
  const broken = sends(200, "not gzip", { "content-encoding": "gzip" });
  expect(await codeOf(answered(broken))).toBe("UNREACHABLE");
});

test("gives up on redirects that go on for ever", async () => {
  const server = await startHttpServer(sends(302, "", { location: "/" }));
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  expect(await codeOf(send(egress, server.url))).toBe("UNREACHABLE");
  expect(server.seen).toHaveLength(LIMITS.fetchRedirects + 1);
});

test("gives up with the step on an answer that never comes", async () => {
  const server = await startHttpServer(() => {});
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  const late = AbortSignal.timeout(100);
  const work = egress.send(parseFetch([server.url, null]), ANYWHERE, late);
  expect(await codeOf(work)).toBe("UNREACHABLE");
});
