import type { Address } from "@hearsay/core";

/**
 * By what a host is told from others where they share something: an IPv4 address, or the network's half of an IPv6 address,
 * since one machine may have all addresses of its network.
 */
export function hostKey({ host, ip }: Address): string {
  return ip.length === 4 ? host : Buffer.from(ip.subarray(0, 8)).toString("hex");
}
