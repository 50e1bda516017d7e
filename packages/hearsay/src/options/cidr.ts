import { isIP } from "node:net";
import { type Address, parseIp } from "@hearsay/core";

/** A range of addresses. */
export interface Cidr {
  /** As it was given. */
  readonly text: string;
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly network: Uint8Array;
  readonly prefixBits: number;
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`; a lone address is a range of one. Null for anything else. */
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

/** Whether an address lies in a range. IPv4 in mapped form counts as IPv4. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  const { network, prefixBits } = cidr;
  // From the text, which is canonical: the bytes are as a peer sent them, and may be the mapped form.
  const ip = address.ip.length === network.length ? address.ip : parseIp(address.host);
  if (ip === null || ip.length !== network.length) return false;
  const whole = prefixBits >> 3;
  for (let i = 0; i < whole; i++) if (ip[i] !== network[i]) return false;
  const mask = (0xff << (8 - (prefixBits & 7))) & 0xff;
  return ((ip[whole] ?? 0) & mask) === ((network[whole] ?? 0) & mask);
}
