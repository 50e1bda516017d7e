import { createSocket } from "node:dgram";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** A machine's interfaces, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** A machine's own addresses. */
export interface LocalNetwork {
  readonly interfaces: Interfaces;
  /** The source addresses of the default routes; null without such a route. */
  readonly routeSources: { readonly ipv4: string | null; readonly ipv6: string | null };
}

/** Documentation addresses (RFC 5737, RFC 3849), which lie behind the default route; nothing is sent to them. */
const ELSEWHERE = { udp4: "192.0.2.1", udp6: "2001:db8::1" } as const;

/** Reads the machine's addresses from the system. */
export async function localNetwork(): Promise<LocalNetwork> {
  const [ipv4, ipv6] = await Promise.all([routeSource("udp4"), routeSource("udp6")]);
  return { interfaces: networkInterfaces(), routeSources: { ipv4, ipv6 } };
}

/** The local address of a connected datagram socket is the route's source; connecting sends nothing. */
function routeSource(type: "udp4" | "udp6"): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const found = (host: string | null): void => {
      socket.close();
      resolve(host);
    };
    socket.once("error", () => found(null));
    socket.once("connect", () => found(socket.address().address));
    socket.connect(9, ELSEWHERE[type]);
  });
}
