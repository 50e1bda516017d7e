import type { Preset } from "@hearsay/core";
import type { ProfileName } from "./profile-names.ts";

/** A named set of defaults. */
export interface Profile {
  /** What it is for, in a line. */
  readonly about: string;
  /** The library's set of timings below it. */
  readonly preset: Preset;
  /** Values of keys, as a file would hold them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether it demands a key. */
  readonly needsKey?: true;
  /** What of its behaviour is missing, so that it is refused. */
  readonly missing?: string;
}

/** Gossip among strangers is the other programs' default. The node warns at the start. */
const OPEN = { encryption: "off" };

/** The profiles, with the values of the documents and programs that they are named after. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  lan: { about: "one network: memberlist's LAN timings", preset: "lan", values: {} },
  wan: {
    about: "networks far apart: memberlist's WAN timings, Consul's WAN port, and always encrypted",
    preset: "wan",
    values: { "bind.port": 8302 },
    needsKey: true,
  },
  local: { about: "one machine: memberlist's local timings", preset: "local", values: {} },
  opengslb: {
    about: "OpenGSLB's gossip of health events",
    preset: "lan",
    values: { ...OPEN, "bind.port": 7947 },
    missing: "OpenGSLB's health events and metrics",
  },
  longbow: {
    about: "Longbow's mesh",
    preset: "lan",
    values: {
      ...OPEN,
      "bind.port": 7946,
      "timings.probeInterval": "200ms",
      "timings.probeTimeout": "100ms",
      "timings.suspicionTimeout": "5s",
      "discovery.provider": "k8s",
      "discovery.labelSelector": "app.kubernetes.io/name=longbow",
      "discovery.dnsRecord": "_gossip._udp.longbow.default.svc.cluster.local",
    },
    missing: "Longbow's discovery, metrics and mesh actions",
  },
  consul: {
    about: "Consul's LAN pool: port 8301 for datagrams and streams (8300 is the RPC of Consul's servers, no gossip)",
    preset: "lan",
    values: { ...OPEN, "bind.port": 8301 },
  },
  "go-gossip": {
    about: "go-gossip's rounds: one member a second, the whole list every five, and always encrypted",
    preset: "lan",
    values: {
      "timings.gossipInterval": "1s",
      "timings.gossipNodes": 1,
      "timings.pushPullInterval": "5s",
      "timings.suspicionTimeout": "5s",
    },
    needsKey: true,
  },
  classic: {
    about: "the gossip of textbooks: each second three members and a whole list, two helpers for a failed ping",
    preset: "lan",
    values: {
      ...OPEN,
      "timings.gossipInterval": "1s",
      "timings.gossipNodes": 3,
      "timings.pushPullInterval": "1s",
      "timings.indirectChecks": 2,
      "timings.suspicionTimeout": "5s",
    },
  },
  conservative: {
    about: "timeouts to begin with where the network is not known: WAN timings, and a third more time for a suspicion",
    preset: "wan",
    values: { "timings.suspicionMult": 8, "timings.gossipInterval": "500ms" },
  },
  edge: {
    about: "many small devices on thin lines: rare probes and rounds, small bursts",
    preset: "wan",
    values: {
      "timings.probeInterval": "10s",
      "timings.probeTimeout": "5s",
      "timings.gossipInterval": "2s",
      "timings.gossipNodes": 2,
      "timings.gossipToTheDead": "2m",
      "timings.pushPullInterval": "5m",
      "timings.healInterval": "5m",
      "timings.eagerPacketsPerSecond": 10,
      "timings.eagerBurst": 8,
      "timings.joinParallel": 2,
    },
  },
};
