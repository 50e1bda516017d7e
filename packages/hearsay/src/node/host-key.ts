import type { Address } from "@hearsay/core";

/**
 * Identifies a host where hosts share a resource: an IPv4 address, or the network half of an IPv6 address, since one
 * machine may have all addresses of its network.
 */
export function hostKey({ host, ip }: Address): string {
  // The text of an IPv4-mapped address is the IPv4 address.
  return !host.includes(":") ? host : Buffer.from(ip.subarray(0, 8)).toString("hex");
}
