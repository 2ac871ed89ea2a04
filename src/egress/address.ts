import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** Public by their range, and not for strangers: Azure's host channel. */
const REFUSED = ["168.63.129.16"];
/** All of IPv6 that is handed out for the public Internet. */
const PUBLIC_V6 = ipaddr.IPv6.parseCIDR("2000::/3");
/**
 * Ranges that hold an IPv4 address inside, or are not for the Internet at all, though they lie in
 * 2000::/3.
 */
const REFUSED_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
);

/** Tells whether all of these may be dialled. */
export function arePublic(addresses: readonly string[]): boolean {
  const own = ownAddresses();
  return addresses.every((address) => isPublicAddress(address, own));
}

/**
 * Tells whether an address may be dialled: one of the public Internet that is not this machine's
 * own. Loopback, private, link-local (cloud metadata), carrier-grade NAT, multicast, documentation
 * and reserved ranges are not, nor are the IPv6 forms that stand for IPv4 addresses.
 */
export function isPublicAddress(text: string, own = ownAddresses()): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6 && !isPublicV6(address)) return false;
  const normal = address.toNormalizedString();
  return !REFUSED.includes(normal) && !own.includes(normal);
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  return address.match(PUBLIC_V6) && !REFUSED_V6.some((range) => address.match(range));
}

/** A server on a public address is within its own firewall. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) =>
      ipaddr.parse(address.split("%")[0] ?? address).toNormalizedString(),
    ),
  );
}
