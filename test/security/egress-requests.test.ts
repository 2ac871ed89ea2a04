import { createSocket } from "node:dgram";
import { getServers, setServers } from "node:dns";
import { expect, onTestFinished, test } from "vitest";
import { Egress } from "../../src/egress/egress.ts";
import { EgressError } from "../../src/egress/egress-error.ts";
import { parseFetch } from "../../src/egress/request.ts";
import type { Json } from "../../src/shared/json.ts";
import { ANYWHERE, codeOf, leadingTo, send, watched } from "../helpers/egress.ts";
import { echoes, sends, startHttpServer } from "../helpers/http-server.ts";

test.each<[string, Json]>([
  ["an unknown option", { retries: 3 }],
  ["a method that is none", { method: "CONNECT" }],
  ["a host header", { headers: { Host: "127.0.0.1" } }],
  ["a transfer header", { headers: { "Transfer-Encoding": "chunked" } }],
  ["a header that breaks the line", { headers: { "x-a": "1\r\nHost: evil" } }],
  ["a header name that breaks the line", { headers: { "x-a: 1\r\nx": "1" } }],
  ["a body with GET", { body: "x" }],
  [
    "more headers than may be",
    { headers: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, "1"])) },
  ],
])("refuses %s", (_, init) => {
  expect(() => parseFetch(["http://public.acme.test/", init])).toThrow(EgressError);
});

test("leaves a redirect elsewhere than to http, and a signed address, as they are", async () => {
  const server = await startHttpServer(sends(302, "", { location: "mailto:a@b" }));
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  expect(await send(egress, `${server.url}/?a=b%20c&flag`, { query: { d: "e f" } })).toMatchObject({
    status: 302,
  });
  expect(server.seen[0]?.url).toBe("/?a=b%20c&flag&d=e+f");
});

test("takes no authorization or cookie to another origin, and makes a POST a GET", async () => {
  const server = await startHttpServer((response, request) => {
    if (request.url === "/")
      response.writeHead(302, { location: "http://other.acme.test/after" }).end();
    else echoes(response, request);
  });
  const { egress } = leadingTo(server.port);
  const init = {
    method: "POST",
    headers: { Authorization: "Bearer a", Cookie: "b=1", "x-c": "1" },
    body: "text",
  };
  const { body } = await send(egress, "http://api.acme.test/", init);
  const seen = JSON.parse(body.toString());
  expect(seen).toMatchObject({
    method: "GET",
    url: "/after",
    headers: { "x-c": "1", host: "other.acme.test" },
    body: "",
  });
  expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(["authorization"]));
  expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(["cookie"]));
});

test("ends a look-up that is given up, and harms nobody when it fails later", async () => {
  const { egress } = watched({ resolve: async () => Promise.reject(new Error("late")) });
  expect(
    await codeOf(egress.send(parseFetch(["http://x.test/", null]), ANYWHERE, AbortSignal.abort())),
  ).toBe("UNREACHABLE");
  const silent = createSocket("udp4");
  await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void silent.close());
  const before = getServers();
  setServers([`127.0.0.1:${silent.address().port}`]);
  onTestFinished(() => setServers(before));
  const started = performance.now();
  const own = new Egress({ allowLocal: [] });
  await codeOf(
    own.send(parseFetch(["http://x.acme.test/", null]), ANYWHERE, AbortSignal.timeout(100)),
  );
  expect(performance.now() - started).toBeLessThan(2_000);
});
