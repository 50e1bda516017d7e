import { type Address, addressFromText } from "@hearsay/core";
import { HearsayError } from "../base/errors.ts";
import { cidrContains, parseCidr } from "../options/cidr.ts";
import type { LocalNetwork } from "./local-network.ts";

/** The address that a node advertises. */
export interface Advertised {
  readonly address: Address;
  /** Other candidates among this machine's addresses, if `address` is a guess; else empty. */
  readonly others: readonly string[];
}

/** Private ranges. An IPv4 address is preferred: every peer can dial it. */
const PRIVATE = ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");

/** Interfaces to a machine's own containers and virtual machines: other machines can't reach them. */
const BRIDGE = /^(?:docker|br-|veth|virbr|cni|podman|lxc|lxd|flannel|cali)/;

/**
 * The address to advertise (docs/protocol/memberlist.md, section 10): the configured one, else the bound one. A node
 * that is bound to every interface advertises a private address: that of the default route's interface, else the lowest
 * one of an interface that is no bridge to containers; failing those, the default route's public address, then a
 * bridge's. The order in which the system lists interfaces doesn't matter.
 *
 * @throws HearsayError `ERR_CONFIG` if there is none
 */
export function advertisedAddress(
  bound: Address,
  advertise: { readonly host: string | null; readonly port: number | null },
  network: LocalNetwork,
): Advertised {
  const port = advertise.port ?? bound.port;
  const configured = advertise.host ?? (isWildcard(bound) ? null : bound.host);
  const choice = configured === null ? guess(bound, network) : { host: configured, others: [] };
  const address = choice === null ? null : addressFromText(choice.host, port);
  if (choice !== null && address !== null) return { address, others: choice.others };
  const faults = [{ key: "advertise", value: configured, allowed: "an IP address that others can reach" }];
  const text = `bound to ${bound.host}, and no interface has a private address: set \`advertise\` to one others can reach`;
  throw new HearsayError("ERR_CONFIG", text, { faults });
}

/** Whether an address stands for every interface. */
export function isWildcard({ host }: Address): boolean {
  return host === "0.0.0.0" || host === "::";
}

function guess(bound: Address, network: LocalNetwork): { host: string; others: string[] } | null {
  const families = [candidatesOf(4, network)];
  if (bound.host === "::") families.push(candidatesOf(16, network));
  for (const rank of ["own", "outer", "bridged"] as const) {
    const found = families.find((candidates) => candidates[rank] !== null);
    const host = found?.[rank] ?? null;
    if (found !== undefined && host !== null) return { host, others: found.all.filter((other) => other !== host) };
  }
  return null;
}

interface Candidates {
  /** A private address that is not on a bridge. */
  readonly own: string | null;
  /** The source address of the default route, if it is not private. */
  readonly outer: string | null;
  readonly bridged: string | null;
  readonly all: readonly string[];
}

function candidatesOf(bytes: 4 | 16, { interfaces, routeSources }: LocalNetwork): Candidates {
  const usable = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).flatMap((info) => {
      const address = info.internal ? null : addressFromText(info.address, 0);
      return address?.ip.length === bytes ? [{ name, address }] : [];
    }),
  );
  usable.sort((a, b) => Buffer.compare(a.address.ip, b.address.ip));
  const source = routeSources[bytes === 4 ? "ipv4" : "ipv6"];
  const routed = usable.find(({ address }) => address.host === source)?.address ?? null;
  const isRoutedPrivate = routed !== null && isPrivate(routed);
  const privates = usable.filter(({ address }) => isPrivate(address));
  const direct = privates.find(({ name }) => !BRIDGE.test(name));
  return {
    own: isRoutedPrivate ? routed.host : (direct?.address.host ?? null),
    outer: routed !== null && !isRoutedPrivate ? routed.host : null,
    bridged: privates[0]?.address.host ?? null,
    all: usable.filter(({ address }) => address === routed || isPrivate(address)).map(({ address }) => address.host),
  };
}

function isPrivate(address: Address): boolean {
  return PRIVATE.some((range) => cidrContains(range, address));
}

function ranges(...texts: string[]): NonNullable<ReturnType<typeof parseCidr>>[] {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
