import { isIP } from "node:net";

/** A target to join, parsed from `[name/]host[:port]` (docs/protocol/memberlist.md, section 19). */
export interface JoinTarget {
  /** The text as given. */
  readonly text: string;
  /** The member's name, if one was given before a slash; else null. */
  readonly name: string | null;
  /** An IP literal without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

/** The form of a target, in words. */
export const TARGET_FORM =
  "[name/]host[:port], such as 10.0.0.5:7946, db.example.org, [2001:db8::1]:7946 or api-1/10.0.0.5";

/** Parses a target; returns what is wrong with it, as text, if it is invalid. */
export function parseTarget(text: string, defaultPort: number): JoinTarget | string {
  const slash = text.indexOf("/");
  if (slash === 0) return "the name before the slash is empty";
  const name = slash < 0 ? null : text.slice(0, slash);
  const endpoint = parseHostPort(text.slice(slash + 1), defaultPort);
  if (typeof endpoint === "string") return endpoint;
  if (endpoint.port === 0) return "port 0 can't be connected to";
  return { text, name, host: endpoint.host, port: endpoint.port };
}

/** A host and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `host[:port]`. IPv6 with a port needs brackets; without a port they may be omitted. Returns what is wrong, as
 * text, if it is invalid.
 */
export function parseHostPort(text: string, defaultPort: number): HostPort | string {
  if (text.trim() !== text || text === "") return text === "" ? "the host is empty" : "there is space around the host";
  if (text.startsWith("[")) return parseBracketed(text, defaultPort);
  const colon = text.indexOf(":");
  if (colon !== text.lastIndexOf(":")) {
    if (isIP(text) === 6) return checkHost(text, defaultPort);
    return "IPv6 addresses are written [address]:port";
  }
  if (colon < 0) return checkHost(text, defaultPort);
  const port = parsePort(text.slice(colon + 1));
  return port === null ? portProblem(text.slice(colon + 1)) : checkHost(text.slice(0, colon), port);
}

function parseBracketed(text: string, defaultPort: number): HostPort | string {
  const close = text.indexOf("]");
  const host = text.slice(1, close);
  if (close < 0) return "the closing bracket is missing";
  if (isIP(host) !== 6) return "there is no IPv6 address in the brackets";
  const rest = text.slice(close + 1);
  if (rest === "") return checkHost(host, defaultPort);
  const port = rest.startsWith(":") ? parsePort(rest.slice(1)) : null;
  return port === null ? portProblem(rest.replace(/^:/, "")) : checkHost(host, port);
}

function checkHost(host: string, port: number): HostPort | string {
  if (host === "") return "the host is empty";
  if (host.includes("%")) return "IPv6 addresses with a zone can't be used: other nodes have other zones";
  if (isIP(host) !== 0) return { host, port };
  if (/^[\d.]+$/.test(host)) return `${host} is no IPv4 address`;
  return /^(?!-)[A-Za-z0-9._-]{1,253}$/.test(host) ? { host, port } : "that is neither an IP address nor a host name";
}

/** 0 to 65535, or null. */
function parsePort(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

function portProblem(text: string): string {
  return text === "" ? "the port is missing behind the colon" : `${text} is no port; ports are 1 to 65535`;
}
