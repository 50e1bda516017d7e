import { type HostPort, type JsonSchema, parseHostPort } from "hearsay/options";
import { hostText } from "../../base/host-port.ts";
import { CONFIG_KEYS } from "../schema/keys.ts";
import type { SourceReader } from "../sources/given.ts";
import { snakeCase } from "../sources/names.ts";
import type { Origin } from "../sources/origin.ts";
import { nameFor, nameForOnly } from "./own.ts";
import type { SpelledName, Spelling } from "./spelling.ts";

const TIMINGS = "timings.";
const TEXT: JsonSchema = { type: "string" };

/** The port of the Raft beside the node, which the gossip must not have; null: none is told. No key of the schema. */
export const RAFT_PORT = "raftPort";

/** Whether OpenGSLB runs as a cluster at all. No key of the schema. */
export const MODE = "mode";

/** OpenGSLB's names. Its `cluster` tells Raft's addresses; gossip has the same hosts and ports of its own. */
export const OPENGSLB: Spelling = {
  root: "cluster",
  names: new Map<string, SpelledName>([
    // What OpenGSLB has no name for, in its style.
    ...[...CONFIG_KEYS.keys()]
      .filter((path) => path.startsWith(TIMINGS))
      .map((path): [string, SpelledName] => [`cluster.gossip.${snakeCase(path.slice(TIMINGS.length))}`, nameFor(path)]),
    ["cluster.mode", ofValue(readMode, "enabled", { enum: ["cluster", "standalone"] })],
    ["cluster.node_name", nameFor("nodeName")],
    ["cluster.bind_address", ofValue(readBindAddress, "bind.host", TEXT)],
    ["cluster.advertise_address", ofValue(readAdvertiseAddress, "advertise.host", TEXT)],
    ["cluster.join", ofValue(readJoin, "join", { type: "array", items: TEXT })],
    ["cluster.gossip.enabled", nameFor("enabled")],
    ["cluster.gossip.bind_port", nameFor("bind.port")],
    ["cluster.gossip.advertise_port", nameFor("advertise.port")],
    ["cluster.gossip.encryption_key", nameForOnly("encryption.keys")],
  ]),
};

function ofValue(read: SpelledName["read"], stands: string, schema: JsonSchema): SpelledName {
  return { stands, schema, ofText: (text) => text, read };
}

function readMode(value: unknown, origin: Origin, source: SourceReader): void {
  if (value === "standalone" || value === "cluster") source.add({ key: MODE, value, origin });
  else source.refuse(origin, value, 'is neither "cluster" nor "standalone"');
}

/** The host is the gossip's, too; the port is Raft's. */
function readBindAddress(value: unknown, origin: Origin, source: SourceReader): void {
  const address = addressIn(value, origin, source);
  if (address === null) return;
  source.add({ key: "bind.host", value: address.host, origin });
  source.add({ key: RAFT_PORT, value: address.port === 0 ? null : address.port, origin });
}

function readAdvertiseAddress(value: unknown, origin: Origin, source: SourceReader): void {
  const address = addressIn(value, origin, source);
  if (address !== null) source.add({ key: "advertise.host", value: address.host, origin });
}

/** Raft's addresses: the hosts are kept, and the gossip port is the node's own, as for every target without a port. */
function readJoin(value: unknown, origin: Origin, source: SourceReader): void {
  if (!Array.isArray(value)) return source.refuse(origin, value, "is no list of addresses");
  const addresses = value.map((one) => addressIn(one, origin, source));
  const hosts = addresses.flatMap((address) => (address === null ? [] : [hostText(address.host)]));
  source.add({ key: "join", value: hosts, origin });
}

function addressIn(value: unknown, origin: Origin, source: SourceReader): HostPort | null {
  const address = typeof value === "string" ? parseHostPort(value, 0) : "it is no text";
  if (typeof address !== "string") return address;
  source.refuse(origin, value, `is no host:port: ${address}`);
  return null;
}
