import { BlockList, isIP, isIPv4 } from "node:net";

/** IPv4 addresses that are not everybody's (IANA special-purpose registry, RFC 6890). */
const RESERVED_4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];
/** Of the global unicast addresses of IPv6, 2000::/3, those that are reserved or wrap an IPv4 address (Teredo, 6to4). */
const RESERVED_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const reserved4 = networks(RESERVED_4);
const reserved6 = networks(RESERVED_6);
const unicast6 = networks(["2000::/3"]);
const loopback = networks(["127.0.0.0/8", "::1/128"]);

/** A set of networks. @param list addresses, or networks such as `10.0.0.0/8` */
export function networks(list: readonly string[]): BlockList {
  const set = new BlockList();
  for (const text of list) {
    const [address, length] = text.split("/") as [string, string?];
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    set.addSubnet(address, Number(length ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return set;
}

function contains(set: BlockList, address: string): boolean {
  return set.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

/**
 * Whether a message may be sent to an address. Whoever registers a destination chooses its name and what that resolves to:
 * without this it could be the database, a cloud's metadata service or a neighbour behind the firewall (SSRF). IPv6 that
 * carries an IPv4 address (mapped, NAT64, 6to4) is refused as such.
 * @param allowed networks of one's own that may be reached all the same
 */
export function mayReach(address: string, isEncrypted: boolean, allowed: BlockList): boolean {
  if (isIP(address) === 0) return false;
  if (!isEncrypted) return contains(loopback, address) && contains(allowed, address);
  if (contains(allowed, address)) return true;
  return isIPv4(address) ? !contains(reserved4, address) : contains(unicast6, address) && !contains(reserved6, address);
}

/** Whether a destination can be registered, as far as its text tells: what its name resolves to is judged at each connection. */
export function isDestination(text: string, allowed: BlockList): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return false;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isEncrypted = url.protocol === "https:";
  return isIP(host) === 0 ? isEncrypted : mayReach(host, isEncrypted, allowed);
}
