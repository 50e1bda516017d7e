import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { type Address, addressFromText } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { HearsayError } from "../base/errors.ts";
import { type Family, type Lookup, resolveTargets } from "./resolve.ts";

/** How to look up where this node itself is. */
export interface OwnHostOptions {
  readonly lookup: Lookup;
  readonly after: Clock["after"];
  readonly family: Family;
  /** Addresses of this machine. @defaultValue those of its interfaces */
  readonly local?: ReadonlySet<string>;
}

/**
 * The address that a name in `bind` or `advertise` stands for; a literal is itself. It is looked up once, at the start:
 * memberlist's protocol takes another address of a living member for a second node of its name. As in Serf, IPv4 comes
 * before IPv6; an address of this machine's comes before others, to bind to also one of IPv6; and else the lowest, so that
 * the order of the answer means nothing.
 *
 * @throws HearsayError `ERR_CONFIG`, retryable if the name may be known later
 */
export async function ownHost(option: "bind" | "advertise", host: string, options: OwnHostOptions): Promise<string> {
  if (isIP(host) !== 0) return host;
  const target = { text: host, name: null, host, port: 1 };
  const { addresses, failures } = await resolveTargets([target], options);
  const [failure] = failures;
  const local = options.local ?? localHosts();
  // A port can be opened at one's own addresses only; what others dial may be elsewhere.
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
