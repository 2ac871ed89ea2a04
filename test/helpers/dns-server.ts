import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { isIPv6 } from "node:net";
import { onTestFinished } from "vitest";
import type { Resolve } from "../../src/egress/egress.ts";

const A = 1;
const AAAA = 28;
const HEADER_BYTES = 12;

export interface DnsServer {
  /** Asks it for every address of a name. */
  readonly resolve: Resolve;
  /** The questions it was asked, in their order. */
  readonly asked: string[];
}

/**
 * A name server of the test's own. For each name it gives one list of addresses after the other,
 * and the last one for ever: so it can change its mind between two questions.
 */
export async function startDnsServer(
  names: Readonly<Record<string, readonly (readonly string[])[]>>,
): Promise<DnsServer> {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = questionOf(query);
    const before = asked.filter((one) => one === `${name} ${type}`).length;
    asked.push(`${name} ${type}`);
    const lists = names[name] ?? [];
    const addresses = (lists[Math.min(before, lists.length - 1)] ?? []).filter(
      (one) => isIPv6(one) === (type === AAAA),
    );
    socket.send(answerTo(query.subarray(0, end), addresses), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void socket.close());
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
  return {
    asked,
    async resolve(hostname) {
      const four = await resolver.resolve4(hostname).catch(() => []);
      return [...four, ...(await resolver.resolve6(hostname).catch(() => []))];
    },
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** Question and answers; each answer points back to the name, and holds for no time at all. */
function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...addresses.map(record)]);
}

function record(address: string): Buffer {
  const bytes = bytesOf(address);
  const head = Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    bytes.length === 4 ? A : AAAA,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    bytes.length,
  ]);
  return Buffer.concat([head, bytes]);
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [before = "", after = ""] = new URL(`http://[${address}]/`).hostname
    .slice(1, -1)
    .split("::");
  const words = (text: string) =>
    text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16));
  const zeros = Array<number>(8 - words(before).length - words(after).length).fill(0);
  const bytes = Buffer.alloc(16);
  for (const [index, word] of [...words(before), ...zeros, ...words(after)].entries())
    bytes.writeUInt16BE(word, index * 2);
  return bytes;
}
