import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../src/egress/address.ts";
import { Egress } from "../../src/egress/egress.ts";
import type { Destination } from "../../src/egress/http-exchange.ts";
import { startDnsServer } from "../helpers/dns-server.ts";
import { codeOf, fixture, leadingTo, PUBLIC, send, watched } from "../helpers/egress.ts";
import { echoes, sends, startHttpServer } from "../helpers/http-server.ts";

const targets = fixture("forbidden-targets.txt")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

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

  test("number at least a hundred", () =>
    expect(new Set(targets).size).toBeGreaterThanOrEqual(100));

  test.each(targets)("does not dial %s", async (url) => {
    const refusals = ["ADDRESS_FORBIDDEN", "INVALID_REQUEST", "HOST_NOT_DECLARED"];
    expect(refusals).toContain(await codeOf((async () => send(egress, url))()));
    expect(dialled).toEqual([]);
  });

  test("dials what is public by the same way out", async () => {
    expect(await codeOf(send(egress, "https://public.acme.test/"))).toBe("UNREACHABLE");
    expect(dialled.splice(0)).toEqual([{ address: PUBLIC, port: 443 }]);
  });

  test.each(targets)("does not follow a redirect to %s", async (url) => {
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
])("takes %s for no address to dial", (address) => expect(isPublicAddress(address)).toBe(false));

test.each(["8.8.8.8", "1.1.1.1", PUBLIC, "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])(
  "takes %s for a public address",
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test("asks a name server that flips its answers once, and dials the checked address", async () => {
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

test("asks a flipping name server again for each redirect, and checks each answer", async () => {
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
])("decides whether hosts [%s] allow %s: %s", async (pattern, url, allowed) => {
  const { egress, dialled } = watched({
    resolve: async () => [PUBLIC],
    allowLocal: ["127.0.0.1:80", "localhost:80"],
  });
  const code = await codeOf(send(egress, url, null, { hosts: [pattern], secureOnly: false }));
  expect(code).toBe(allowed ? "UNREACHABLE" : "HOST_NOT_DECLARED");
  expect(dialled.length).toBe(allowed ? 1 : 0);
});

test("reaches a port of this machine when it is named, and no other", async () => {
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
