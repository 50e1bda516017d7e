import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { type Address, addressFromText } from "@hearsay/core";
import { HearsayError } from "../errors.ts";
import { cidrContains, parseCidr } from "../options/cidr.ts";

/** A machine's interfaces, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** What networks keep to themselves and forward within. An IPv4 address is preferred: every peer can dial it. */
const PRIVATE_IPV4 = ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");
const PRIVATE_IPV6 = ranges("fc00::/7");

/**
 * What others are told (docs/protocol/memberlist.md, section 10): the configured address, else the bound one. A node on
 * every interface tells the first private address that it finds, since a wildcard can't be dialled.
 *
 * @throws HearsayError `ERR_CONFIG` if there is none to tell
 */
export function advertisedAddress(
  bound: Address,
  advertise: { readonly host: string | null; readonly port: number | null },
  interfaces: Interfaces = networkInterfaces(),
): Address {
  const host = advertise.host ?? hostOf(bound, interfaces);
  const address = host === null ? null : addressFromText(host, advertise.port ?? bound.port);
  if (address !== null) return address;
  const faults = [{ key: "advertise", value: host, allowed: "an IP address that others can reach" }];
  const text = `bound to ${bound.host}, and no interface has a private address: set \`advertise\` to one others can reach`;
  throw new HearsayError("ERR_CONFIG", text, { faults });
}

function hostOf({ host }: Address, interfaces: Interfaces): string | null {
  if (host === "0.0.0.0") return firstOf(interfaces, PRIVATE_IPV4);
  if (host === "::") return firstOf(interfaces, PRIVATE_IPV4) ?? firstOf(interfaces, PRIVATE_IPV6);
  return host;
}

function firstOf(interfaces: Interfaces, wanted: ReturnType<typeof ranges>): string | null {
  for (const info of Object.values(interfaces).flatMap((list) => list ?? [])) {
    const address = info.internal ? null : addressFromText(info.address, 0);
    if (address !== null && wanted.some((range) => cidrContains(range, address))) return address.host;
  }
  return null;
}

function ranges(...texts: string[]): NonNullable<ReturnType<typeof parseCidr>>[] {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
