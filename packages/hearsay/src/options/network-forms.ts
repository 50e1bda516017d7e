import { isIP } from "node:net";
import { type Address, addressFromText } from "@hearsay/core";
import { type HostPort, parseHostPort, parseTarget, TARGET_FORM } from "../discovery/targets.ts";
import { type Form, form } from "../forms/form.ts";
import { list, oneOrMore } from "../forms/plain-forms.ts";
import type { Rows } from "../forms/rows.ts";
import { textOrParts } from "../forms/text-or-parts.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import type { Endpoint } from "./cluster-options.ts";

/** The default port of memberlist and Serf. */
export const DEFAULT_PORT = 7946;

/** Where to listen. The host may be a name; null if none is given. */
export interface Bind {
  readonly host: string | null;
  readonly port: number;
}

/** Where others reach this node; null means the bound host or port. */
export interface Advertised {
  readonly host: string | null;
  readonly port: number | null;
}

/** An IP literal, or a host name, which is resolved later. */
export function hostForm(bounds: string): Form<string> {
  return {
    type: "text",
    bounds,
    schema: { type: "string" },
    read: (given, key, faults) => {
      const problem = typeof given === "string" ? hostProblem(given) : "it is no text";
      if (problem === null && typeof given === "string") return literal(given);
      faults.push({ key, value: given, allowed: `an IP literal without brackets, or a host name; ${problem}` });
      return undefined;
    },
  };
}

/** `host[:port]`, or the parts. */
export function bindForm(rows: Rows<Endpoint, Bind>): Form<string | Endpoint, Bind> {
  const about = { type: "host:port, or the parts", bounds: "IP literals or host names" };
  return textOrParts(rows, about, (text, key, faults) => {
    const endpoint = parseHostPort(text, DEFAULT_PORT);
    if (typeof endpoint !== "string") return { ...endpoint, host: literal(endpoint.host) };
    faults.push({ key, value: text, allowed: `host:port; ${endpoint}` });
    return undefined;
  });
}

/** `host[:port]`, or the parts. An address that stands for every interface is refused. */
export function advertiseForm(rows: Rows<Endpoint, Advertised>): Form<string | Endpoint, Advertised> {
  const about = { type: "host:port, or the parts", bounds: "IP literals or host names" };
  const either = textOrParts(rows, about, (text, key, faults): Advertised | undefined => {
    // Port 0 means "none given" here, since no node can be reached at port 0.
    const endpoint = parseHostPort(text, 0);
    if (typeof endpoint !== "string") return { host: literal(endpoint.host), port: endpoint.port || null };
    faults.push({ key, value: text, allowed: `host[:port]; ${endpoint}` });
    return undefined;
  });
  return {
    ...either,
    read: (given, key, faults) => {
      const advertised = either.read(given, key, faults);
      if (advertised?.host !== "0.0.0.0" && advertised?.host !== "::") return advertised;
      faults.push({ key, value: advertised.host, allowed: "an address that others can connect to" });
      return undefined;
    },
  };
}

/** `[name/]host[:port]`. */
const target: Form<string> = {
  type: "text",
  bounds: "[name/]host[:port]",
  schema: { type: "string" },
  read: (given, key, faults) => {
    const problem = typeof given === "string" ? parseTarget(given, DEFAULT_PORT) : "it is no text";
    if (typeof given === "string" && typeof problem !== "string") return given;
    faults.push({ key, value: given, allowed: `${TARGET_FORM}; ${String(problem)}` });
    return undefined;
  },
};

/** The targets to join. */
export const targetsForm: Form<string | readonly string[], readonly string[]> = oneOrMore(target, {
  type: "text or a list",
  bounds: "[name/]host[:port] each",
});

/** Networks, at least one. */
export const networksForm: Form<readonly string[], readonly Cidr[]> = list(
  form<string, Cidr>(
    { type: "network", bounds: "such as 10.0.0.0/8", schema: { type: "string" } },
    "a network such as 10.0.0.0/8 or 2001:db8::/32",
    (given) => (typeof given === "string" ? (parseCidr(given) ?? undefined) : undefined),
  ),
  { type: "list of networks", bounds: "such as 10.0.0.0/8; not an empty list" },
  "a list of networks that isn't empty; leave it out to allow all",
);

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const address: Address | null = addressFromText(host, 0);
  if (address === null) return host === "localhost";
  return address.ip.length === 4 ? address.ip[0] === 127 : address.host === "::1";
}

function hostProblem(text: string): string | null {
  if (isIP(text) !== 0 && !text.includes("%")) return null;
  const endpoint: HostPort | string = parseHostPort(text, 0);
  if (typeof endpoint === "string") return endpoint;
  return endpoint.host === text ? null : "that is more than a host";
}

function literal(text: string): string {
  return text === "localhost" ? "127.0.0.1" : (addressFromText(text, 0)?.host ?? text);
}
