import { isIP } from "node:net";
import { type Address, parseIp } from "@hearsay/core";

/** A range of addresses. */
export interface Cidr {
  /** The text as given. */
  readonly text: string;
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly network: Uint8Array;
  readonly prefixBits: number;
}

/** Parses `10.0.0.0/8` or `2001:db8::/32`; an address without a prefix is a range of one. Null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const network = isIP(host) === 0 ? null : parseIp(host);
  if (network === null) return null;
  const bits = network.length * 8;
  if (slash < 0) return { text, network, prefixBits: bits };
  const prefix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return null;
  return { text, network, prefixBits: Number(prefix) };
}

/** Whether an address lies in a range. An IPv4-mapped IPv6 address counts as IPv4. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  const { network, prefixBits } = cidr;
  // A peer may have sent the mapped form in `ip`; the text is canonical.
  const ip = address.ip.length === network.length ? address.ip : parseIp(address.host);
  if (ip === null || ip.length !== network.length) return false;
  const whole = prefixBits >> 3;
  for (let i = 0; i < whole; i++) if (ip[i] !== network[i]) return false;
  const mask = (0xff << (8 - (prefixBits & 7))) & 0xff;
  return ((ip[whole] ?? 0) & mask) === ((network[whole] ?? 0) & mask);
}
