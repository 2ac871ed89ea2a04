import { createSocket } from "node:dgram";
import { getServers, setServers } from "node:dns";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { isPublicAddress } from "../../src/egress/address.ts";
import { Egress, type EgressOptions, type EgressPolicy } from "../../src/egress/egress.ts";
import { EgressError } from "../../src/egress/egress-error.ts";
import type { Destination } from "../../src/egress/http-exchange.ts";
import { Redactor } from "../../src/egress/redact.ts";
import { parseFetch } from "../../src/egress/request.ts";
import type { Json } from "../../src/shared/json.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { Secret } from "../../src/shared/secret.ts";
import { startDnsServer } from "../helpers/dns-server.ts";
import { type Answer, echoes, listen, sends, startHttpServer } from "../helpers/http-server.ts";

const PUBLIC = "93.184.216.34";
const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const targets = fixture("forbidden-targets.txt")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const ANYWHERE: EgressPolicy = {
  hosts: ["*", "localhost", "127.0.0.1", "[::1]"],
  secureOnly: false,
};

/** A way out that reaches nothing: what it would dial is noted. */
function watched(options: Partial<EgressOptions> = {}) {
  const dialled: Destination[] = [];
  const dial = async (destination: Destination): Promise<Socket> => {
    dialled.push(destination);
    throw new Error("nothing is in reach of this test");
  };
  return { egress: new Egress({ allowLocal: [], dial, ...options }), dialled };
}

async function send(egress: Egress, url: string, init: Json = null, policy = ANYWHERE) {
  return egress.send(parseFetch([url, init]), policy, new AbortController().signal);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "sent";
  } catch (error) {
    if (error instanceof EgressError) return error.code;
    throw error;
  }
}

/** A way out whose public addresses all lead to one port of this machine. */
function leadingTo(port: number, options: Partial<EgressOptions> = {}) {
  const dialled: Destination[] = [];
  const dial = async (destination: Destination): Promise<Socket> => {
    dialled.push(destination);
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  };
  return {
    egress: new Egress({ allowLocal: [], dial, resolve: async () => [PUBLIC], ...options }),
    dialled,
  };
}

describe("forbidden targets", async () => {
  const addresses: Record<string, string[]> = {
    "private.acme.test": ["10.1.2.3"],
    "mapped.acme.test": ["::ffff:127.0.0.1"],
    "mixed.acme.test": [PUBLIC, "127.0.0.1"],
    "nat64.acme.test": ["64:ff9b::a9fe:a9fe"],
    "127.0.0.1.nip.acme.test": ["127.0.0.1"],
    "public.acme.test": [PUBLIC],
    "metadata.google.internal": ["169.254.169.254"],
    metadata: ["169.254.169.254"],
    "instance-data": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "host.docker.internal": ["172.17.0.1"],
    "sub.localhost": ["127.0.0.1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
  };
  const { egress, dialled } = watched({
    resolve: async (name) => addresses[name] ?? ["127.0.0.1"],
  });

  test("are at least a hundred", () => expect(new Set(targets).size).toBeGreaterThanOrEqual(100));

  test.each(targets)("%s is not dialled", async (url) => {
    const refusals = ["ADDRESS_FORBIDDEN", "INVALID_REQUEST", "HOST_NOT_DECLARED"];
    expect(refusals).toContain(await codeOf((async () => send(egress, url))()));
    expect(dialled).toEqual([]);
  });

  test("the same way out dials what is public", async () => {
    expect(await codeOf(send(egress, "https://public.acme.test/"))).toBe("UNREACHABLE");
    expect(dialled.splice(0)).toEqual([{ address: PUBLIC, port: 443 }]);
  });

  test.each(targets)("a redirect to %s is not followed there", async (url) => {
    const server = await startHttpServer(sends(302, "", { location: encodeURI(url) }));
    const local = `127.0.0.1:${server.port}`;
    const seen: Destination[] = [];
    const dial = async ({ address, port }: Destination) => {
      seen.push({ address, port });
      return connect(port, address);
    };
    const way = new Egress({
      allowLocal: [local],
      dial,
      resolve: async (name) => addresses[name] ?? ["127.0.0.1"],
    });
    await codeOf(send(way, `http://${local}/`));
    // Back to where it came from is the only place left, for addresses that are none.
    expect(seen.filter(({ address, port }) => `${address}:${port}` !== local)).toEqual([]);
  });
});

test.each([
  "0.0.0.0",
  "10.0.0.1",
  "100.64.0.1",
  "127.0.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "192.0.0.1",
  "192.0.2.1",
  "192.168.0.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "168.63.129.16",
  "::",
  "::1",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "2002:808:808::1",
  "2001::1",
  "2001:db8::1",
  "fc00::1",
  "fe80::1",
  "ff02::1",
  "100::1",
  "::8.8.8.8",
  "nonsense",
  "",
  "127.1",
  "1.1.1.1/8",
])("%s is no address to dial", (address) => expect(isPublicAddress(address)).toBe(false));

test.each(["8.8.8.8", "1.1.1.1", PUBLIC, "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])(
  "%s is a public address",
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test("a name server that flips its answers is asked once, and the address that was checked is dialled", async () => {
  const dns = await startDnsServer({
    "flips.acme.test": [[PUBLIC], ["127.0.0.1"]],
    "both.acme.test": [[PUBLIC, "::1"]],
  });
  const { egress, dialled } = watched({ resolve: dns.resolve });
  expect(await codeOf(send(egress, "http://flips.acme.test/"))).toBe("UNREACHABLE");
  expect(dialled.splice(0)).toEqual([{ address: PUBLIC, port: 80 }]);
  expect(dns.asked).toEqual(["flips.acme.test 1", "flips.acme.test 28"]);
  expect(await codeOf(send(egress, "http://flips.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
  expect(await codeOf(send(egress, "http://both.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
  expect(await codeOf(send(egress, "http://none.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
  expect(dialled).toEqual([]);
});

test("a name server that flips between redirects is asked again for each, and each answer checked", async () => {
  const server = await startHttpServer(
    sends(302, "", { location: "http://flips.acme.test/again" }),
  );
  const dns = await startDnsServer({ "flips.acme.test": [[PUBLIC], ["169.254.169.254"]] });
  const { egress, dialled } = leadingTo(server.port, { resolve: dns.resolve });
  expect(await codeOf(send(egress, "http://flips.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
  expect(dialled).toEqual([{ address: PUBLIC, port: 80 }]);
});

test.each([
  ["api.acme.test", "http://api.acme.test/", true],
  ["api.acme.test", "http://API.acme.test./", true],
  ["api.acme.test", "http://acme.test/", false],
  ["api.acme.test", "http://x.api.acme.test/", false],
  ["api.acme.test", "http://api.acme.test.evil.test/", false],
  ["*.acme.test", "http://a.acme.test/", true],
  ["*.acme.test", "http://a.b.acme.test/", true],
  ["*.acme.test", "http://acme.test/", false],
  ["*.acme.test", "http://evilacme.test/", false],
  ["*", "http://anything.test/", true],
  ["*", "http://127.0.0.1/", false],
  ["*", "http://localhost/", false],
])("hosts [%s] and %s: %s", async (pattern, url, allowed) => {
  const { egress, dialled } = watched({
    resolve: async () => [PUBLIC],
    allowLocal: ["127.0.0.1:80", "localhost:80"],
  });
  const code = await codeOf(send(egress, url, null, { hosts: [pattern], secureOnly: false }));
  expect(code).toBe(allowed ? "UNREACHABLE" : "HOST_NOT_DECLARED");
  expect(dialled.length).toBe(allowed ? 1 : 0);
});

test("a port of this machine is reached when it is named, and no other", async () => {
  const server = await startHttpServer(echoes);
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  const init = {
    method: "post",
    headers: { "X-A": "1" },
    query: { q: "a b", n: [1, 2] },
    body: { x: 1 },
  };
  const { status, body } = await send(egress, `${server.url}/path?z=1#gone`, init);
  expect(status).toBe(200);
  expect(JSON.parse(body.toString())).toMatchObject({
    method: "POST",
    url: "/path?z=1&q=a+b&n=1&n=2",
    headers: { "x-a": "1", "content-type": "application/json", host: `127.0.0.1:${server.port}` },
    body: '{"x":1}',
  });
  expect(await codeOf(send(egress, `http://localhost:${server.port}/`))).toBe("ADDRESS_FORBIDDEN");
  expect(await codeOf(send(egress, `http://127.0.0.1:${server.port + 1}/`))).toBe(
    "ADDRESS_FORBIDDEN",
  );
});

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
])("%s is refused", (_, init) => {
  expect(() => parseFetch(["http://public.acme.test/", init])).toThrow(EgressError);
});

describe("what comes back", () => {
  const answered = async (answer: Answer, path = "/") => {
    const server = await startHttpServer(answer);
    return send(new Egress({ allowLocal: [`127.0.0.1:${server.port}`] }), `${server.url}${path}`);
  };

  test("is cut off where it is too large, compressed or not", async () => {
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

  test("is decoded", async () => {
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
  ])("is decoded: %s", async (_, bytes, encoding) => {
    const { body } = await answered(sends(200, bytes, { "content-encoding": encoding }));
    expect(body.toString()).toBe("hello");
  });

  test("with an encoding that nobody knows is no answer: a secret in it could not be seen", async () => {
    expect(await codeOf(answered(sends(200, "hello", { "content-encoding": "x-own" })))).toBe(
      "UNREACHABLE",
    );
  });

  test.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
    ["GET", 200],
  ])("may be encoded and empty: %s %i", async (method, status) => {
    const server = await startHttpServer(sends(status, "", { "content-encoding": "gzip" }));
    const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
    expect(await send(egress, server.url, { method })).toMatchObject({ status });
  });

  test("that breaks off, or is no HTTP, is an error", async () => {
    expect(await codeOf(answered((response) => void response.socket?.destroy()))).toBe(
      "UNREACHABLE",
    );
    expect(
      await codeOf(answered((response) => void response.socket?.end("nonsense\r\n\r\n"))),
    ).toBe("UNREACHABLE");
    const broken = sends(200, "not gzip", { "content-encoding": "gzip" });
    expect(await codeOf(answered(broken))).toBe("UNREACHABLE");
  });

  test("that redirects for ever is given up", async () => {
    const server = await startHttpServer(sends(302, "", { location: "/" }));
    const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
    expect(await codeOf(send(egress, server.url))).toBe("UNREACHABLE");
    expect(server.seen).toHaveLength(LIMITS.fetchRedirects + 1);
  });

  test("that never comes is given up with the step", async () => {
    const server = await startHttpServer(() => {});
    const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
    const late = AbortSignal.timeout(100);
    const work = egress.send(parseFetch([server.url, null]), ANYWHERE, late);
    expect(await codeOf(work)).toBe("UNREACHABLE");
  });
});

test("a look-up that is given up ends, and harms nobody when it fails later", async () => {
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

test("a redirect elsewhere than to http, or within a signed address, is left as it is", async () => {
  const server = await startHttpServer(sends(302, "", { location: "mailto:a@b" }));
  const egress = new Egress({ allowLocal: [`127.0.0.1:${server.port}`] });
  expect(await send(egress, `${server.url}/?a=b%20c&flag`, { query: { d: "e f" } })).toMatchObject({
    status: 302,
  });
  expect(server.seen[0]?.url).toBe("/?a=b%20c&flag&d=e+f");
});

test("a redirect to another origin takes no authorization and no cookie along, and a POST becomes a GET", async () => {
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

describe("TLS", () => {
  const [key, cert] = [fixture("tls/key.pem"), fixture("tls/cert.pem")];
  const trust = () => {
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, cert]);
    onTestFinished(() => setDefaultCACertificates(before));
  };
  const startTls = () =>
    listen(createHttps({ key, cert }, (_request, response) => void response.end("secured")));

  test("a certificate that nobody vouches for is refused", async () => {
    const { egress } = leadingTo(await startTls());
    await expect(send(egress, "https://api.acme.test/")).rejects.toThrow(
      /no certificate that can be trusted/,
    );
  });

  test("a certificate has to be the host's own, though the address is dialled", async () => {
    trust();
    const { egress, dialled } = leadingTo(await startTls());
    const { body } = await send(egress, "https://api.acme.test/");
    expect(body.toString()).toBe("secured");
    expect(dialled).toEqual([{ address: PUBLIC, port: 443 }]);
    await expect(send(egress, "https://other.acme.test/")).rejects.toThrow(
      /no certificate that can be trusted/,
    );
  });

  test("through a proxy's tunnel it is the checked address that is asked for, and the name never told", async () => {
    trust();
    const asked: string[] = [];
    const tls = await startTls();
    const proxy = createServer();
    proxy.on("connect", (request, socket: Socket) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
      const onward = connect(tls, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
    const address = new URL(`http://user:p%40ss@127.0.0.1:${await listen(proxy)}`);
    const egress = new Egress({
      allowLocal: [],
      proxy: new Secret(address),
      resolve: async () => [PUBLIC],
    });
    expect((await send(egress, "https://api.acme.test/")).body.toString()).toBe("secured");
    expect(asked).toEqual([`${PUBLIC}:443 Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
    const forbidden = new Egress({
      allowLocal: [],
      proxy: new Secret(address),
      resolve: async () => ["10.0.0.1"],
    });
    expect(await codeOf(send(forbidden, "https://api.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
    expect(asked).toHaveLength(1);
  });
});

describe("a secret in what comes back", () => {
  const secret = 'k9+/"&secret<key>=7';
  const redactor = new Redactor([secret]);
  const encoders: [string, (text: string) => string][] = [
    ["as it is", (text) => text],
    ["JSON", (text) => JSON.stringify({ text })],
    ["base64", (text) => Buffer.from(text).toString("base64")],
    ["base64url", (text) => Buffer.from(text).toString("base64url")],
    ["hex", (text) => Buffer.from(text).toString("hex")],
    ["HEX", (text) => Buffer.from(text).toString("hex").toUpperCase()],
    ["a URL", (text) => encodeURIComponent(text)],
    ["a form", (text) => new URLSearchParams({ text }).toString()],
    ["Python's quote", (text) => encodeURIComponent(text).replaceAll("%2F", "/")],
    [
      "strict URLs",
      (text) =>
        encodeURIComponent(text).replace(
          /[!'()*]/g,
          (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
        ),
    ],
    ["a query as URLs write it", (text) => new URL(`http://x/?${text}`).search],
    [
      "Go's JSON",
      (text) =>
        JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    ],
    ["JSON in JSON", (text) => JSON.stringify(JSON.stringify(text))],
    ["HTML with numbers", (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)],
    ["UTF-16", (text) => Buffer.from(text, "utf16le").toString("latin1")],
    [
      "HTML",
      (text) =>
        text
          .replaceAll("&", "&amp;")
          .replaceAll("<", "&lt;")
          .replaceAll(">", "&gt;")
          .replaceAll('"', "&quot;"),
    ],
  ];
  const around = ["", "a", "ab", "abc", "Bearer "];

  test.each(encoders)("is taken out: %s", (_, encode) => {
    for (const before of around) {
      for (const after of around) {
        const clean = redactor.text(encode(`${before}${secret}${after}`));
        for (const [, form] of encoders) expect(clean).not.toContain(form(secret).slice(2, -4));
        expect(clean).toContain("[redacted]");
      }
    }
  });

  test("leaves the bytes around it as they are", () => {
    const before = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    const found = redactor.bytes(Buffer.concat([before, Buffer.from(secret), before]));
    expect(found).toEqual(Buffer.concat([before, Buffer.from("[redacted]"), before]));
    const clean = Buffer.concat([before, before]);
    expect(redactor.bytes(clean)).toBe(clean);
  });
});
