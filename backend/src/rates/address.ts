import { isIPv6 } from "node:net";

const GROUPS = 8;
/** What a provider gives to one customer (RFC 6177 §2): whoever has one address has 2^64 of them. */
const NETWORK_GROUPS = 4;

/** Under which name an address is counted: an IPv4 address as it is, an IPv6 address by its network of 64 bits. */
export function countedAddress(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? groupsOf(address).slice(0, NETWORK_GROUPS).join(":") : address;
}

/** The eight groups of an IPv6 address in text (RFC 4291 §2.2), without leading zeros. */
function groupsOf(address: string): string[] {
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, "")}]`);
  const [head, tail] = hostname.slice(1, -1).split("::") as [string, string?];
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean)) as [string[], string[]];
  return tail === undefined
    ? left
    : [...left, ...Array<string>(GROUPS - left.length - right.length).fill("0"), ...right];
}
