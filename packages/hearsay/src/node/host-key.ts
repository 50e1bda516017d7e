import type { Address } from "@hearsay/core";

/**
 * By what a host is told from others where they share something: an IPv4 address, or the network's half of an IPv6 address,
 * since one machine may have all addresses of its network.
 */
export function hostKey({ host, ip }: Address): string {
  // An IPv4 address that came in IPv6's form is shown as the IPv4 address that it is.
  return !host.includes(":") ? host : Buffer.from(ip.subarray(0, 8)).toString("hex");
}
