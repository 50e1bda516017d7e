import { isIP } from "node:net";
import { type Address, addressFromText } from "@hearsay/core";
import { type HostPort, type JoinTarget, parseHostPort, parseTarget, TARGET_FORM } from "../discovery/targets.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import type { OptionReader } from "./reader.ts";

const DEFAULT_PORT = 7946;

/** Where to listen; the host may be a name. `isSealed`: there are keys, so every interface is safe. */
export function readBind(reader: OptionReader, isSealed: boolean): HostPort {
  const fallback = { host: isSealed ? "0.0.0.0" : "127.0.0.1", port: DEFAULT_PORT };
  const value = reader.value("bind");
  if (value === undefined) return fallback;
  if (typeof value === "string") {
    const endpoint = parseHostPort(value, DEFAULT_PORT);
    if (typeof endpoint === "string") reader.fault("bind", value, `host:port; ${endpoint}`);
    return typeof endpoint === "string" ? fallback : { ...endpoint, host: literal(endpoint.host) };
  }
  reader.group("bind");
  const port = reader.integer("bind.port");
  const host = readHost(reader, "bind.host");
  return { host: host ?? fallback.host, port };
}

/** Where others reach this node; null means the bound one. */
export interface Advertised {
  readonly host: string | null;
  readonly port: number | null;
}

/** Null if it isn't given. */
export function readAdvertise(reader: OptionReader): Advertised | null {
  const value = reader.value("advertise");
  if (value === undefined) return null;
  let advertised: Advertised | null = null;
  if (typeof value === "string") {
    // Port 0 stands for "none given" here, as nobody can be reached at it.
    const endpoint = parseHostPort(value, 0);
    if (typeof endpoint === "string") reader.fault("advertise", value, `host[:port]; ${endpoint}`);
    else advertised = { host: literal(endpoint.host), port: endpoint.port === 0 ? null : endpoint.port };
  } else {
    reader.group("advertise");
    const host = readHost(reader, "advertise.host");
    const port = reader.value("advertise.port");
    if (port !== undefined && !(typeof port === "number" && Number.isInteger(port) && port > 0 && port <= 65_535)) {
      reader.fault("advertise.port", port, "a whole number from 1 to 65535");
    }
    advertised = { host, port: typeof port === "number" ? port : null };
  }
  if (advertised?.host === "0.0.0.0" || advertised?.host === "::") {
    reader.fault("advertise", advertised.host, "an address that others can connect to");
  }
  return advertised;
}

/** The targets to join by. A target without a port gets the one that this node binds, as in memberlist. */
export function readJoin(reader: OptionReader, bindPort: number): readonly JoinTarget[] {
  const value = reader.value("join");
  if (value === undefined) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const targets: JoinTarget[] = [];
  for (const [index, item] of list.entries()) {
    const key = Array.isArray(value) ? `join[${index}]` : "join";
    const target = typeof item === "string" ? parseTarget(item, bindPort || DEFAULT_PORT) : "it is no text";
    if (typeof target === "string") reader.fault(key, item, `${TARGET_FORM}; ${target}`);
    else targets.push(target);
  }
  return targets;
}

/** The networks that members may be in; null for all. */
export function readCidrs(reader: OptionReader): readonly Cidr[] | null {
  const value = reader.value("allowedCidrs");
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0) {
    reader.fault("allowedCidrs", value, "a list of networks that isn't empty; leave it out to allow all");
    return null;
  }
  const cidrs: Cidr[] = [];
  for (const [index, item] of value.entries()) {
    const cidr = typeof item === "string" ? parseCidr(item) : null;
    if (cidr === null) reader.fault(`allowedCidrs[${index}]`, item, "a network such as 10.0.0.0/8 or 2001:db8::/32");
    else cidrs.push(cidr);
  }
  return cidrs;
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  const address: Address | null = addressFromText(host, 0);
  if (address === null) return host === "localhost";
  return address.ip.length === 4 ? address.ip[0] === 127 : address.host === "::1";
}

function readHost(reader: OptionReader, name: string): string | null {
  const value = reader.value(name);
  if (value === undefined) return null;
  const problem = typeof value === "string" ? hostProblem(value) : "it is no text";
  if (problem === null && typeof value === "string") return literal(value);
  reader.fault(name, value, `an IP literal without brackets, or a host name; ${problem}`);
  return null;
}

function hostProblem(host: string): string | null {
  if (isIP(host) !== 0 && !host.includes("%")) return null;
  const endpoint = parseHostPort(host, 0);
  if (typeof endpoint === "string") return endpoint;
  return endpoint.host === host ? null : "that is more than a host";
}

function literal(host: string): string {
  return host === "localhost" ? "127.0.0.1" : (addressFromText(host, 0)?.host ?? host);
}
