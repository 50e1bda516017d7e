import { CONFIG_KEYS } from "../schema/keys.ts";
import { nameFor, nameForOnly } from "./own.ts";
import type { SpelledName, Spelling } from "./spelling.ts";

const TIMINGS = "timings.";

/** Longbow's names: its Helm values, and, with `LONGBOW_GOSSIP_`, its environment. */
export const LONGBOW: Spelling = {
  root: "gossip",
  names: new Map<string, SpelledName>([
    // What Longbow has no name for, in its style.
    ...[...CONFIG_KEYS.keys()]
      .filter((path) => path.startsWith(TIMINGS))
      .map((path): [string, SpelledName] => [`gossip.${path.slice(TIMINGS.length)}`, nameFor(path)]),
    ["gossip.enabled", nameFor("enabled")],
    ["gossip.port", nameFor("bind.port")],
    ["gossip.advertiseAddr", nameFor("advertise")],
    ["gossip.encryptionKey", nameForOnly("encryption.keys")],
    ["gossip.protocolPeriod", nameFor("timings.probeInterval")],
    // Longbow's chart calls the time between two probes so, too; the round of gossip has no name there.
    ["gossip.interval", nameFor("timings.probeInterval")],
    ["gossip.ackTimeout", nameFor("timings.probeTimeout")],
    ["gossip.suspicionTimeout", nameFor("timings.suspicionTimeout")],
    ["gossip.discovery.provider", nameFor("discovery.provider")],
    ["gossip.discovery.namespace", nameFor("discovery.namespace")],
    ["gossip.discovery.labelSelector", nameFor("discovery.labelSelector")],
    ["gossip.discovery.staticPeers", nameFor("discovery.staticPeers")],
    ["gossip.discovery.dnsRecord", nameFor("discovery.dnsRecord")],
  ]),
};
