import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { type Address, addressFromText } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { HearsayError } from "../base/errors.ts";
import { type Family, type Lookup, resolveTargets } from "./resolve.ts";

/** How to look up this node's own addresses. */
export interface OwnHostOptions {
  readonly lookup: Lookup;
  readonly after: Clock["after"];
  readonly family: Family;
  /** Addresses of this machine. @defaultValue those of its interfaces */
  readonly local?: ReadonlySet<string>;
}

/**
 * The address of a name in `bind` or `advertise`; a literal stands for itself. It is looked up once, at the start,
 * since memberlist's protocol treats a live member's new address as a second node of the same name. As in Serf, IPv4
 * comes before IPv6. An address of this machine comes before others of its family; for `bind` it comes before all
 * others. Otherwise the lowest wins, so that the order of the answer doesn't matter.
 *
 * @throws HearsayError `ERR_CONFIG`, retryable if the name may be known later
 */
export async function ownHost(option: "bind" | "advertise", host: string, options: OwnHostOptions): Promise<string> {
  if (isIP(host) !== 0) return host;
  const target = { text: host, name: null, host, port: 1 };
  const { addresses, failures } = await resolveTargets([target], options);
  const [failure] = failures;
  const local = options.local ?? localHosts();
  // A node can bind only this machine's addresses, but may advertise another one.
  const rank = ({ host, ip }: Address): number => {
    const [byPlace, byFamily] = [local.has(host) ? 0 : 1, ip.length === 4 ? 0 : 1];
    return option === "bind" ? 2 * byPlace + byFamily : 2 * byFamily + byPlace;
  };
  const [best] = addresses.map(({ address }) => address).sort((a, b) => rank(a) - rank(b) || compare(a, b));
  if (best !== undefined) return best.host;
  const detail = failure?.detail ?? `${host} has no addresses`;
  const faults = [{ key: option, value: host, allowed: "an address, or a name that leads to one" }];
  throw new HearsayError("ERR_CONFIG", `${option}: ${detail}`, { faults }, { retryable: failure?.reason !== "family" });
}

function compare(a: Address, b: Address): number {
  return Buffer.compare(a.ip, b.ip);
}

function localHosts(): ReadonlySet<string> {
  const infos = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(infos.flatMap(({ address }) => addressFromText(address, 0)?.host ?? []));
}
