import type { SwimConfig } from "@hearsay/core";
import type { SerfConfig } from "@hearsay/core/serf";
import type { WireOptions } from "@hearsay/core/wire";
import type { Logger } from "../base/logger.ts";
import type { HostPort } from "../discovery/targets.ts";
import type { MemberTags } from "../members/member-tags.ts";
import type { Transport } from "../transport/transport.ts";
import type { Cidr } from "./cidr.ts";
import type {
  ClusterOptions,
  EncryptionOptions,
  Flavour,
  LimitOptions,
  MetricsOptions,
  SnapshotOptions,
} from "./cluster-options.ts";
import type { Advertised } from "./network-forms.ts";

/** The options of `createCluster`, checked and complete. */
export interface ParsedOptions {
  readonly clusterName: string | null;
  /** Null means host name and port; the port is known once bound. */
  readonly nodeName: string | null;
  readonly bind: HostPort;
  /** Where others reach this node; null parts mean the bound ones. */
  readonly advertise: Advertised;
  /** Targets to join, as given. */
  readonly join: readonly string[];
  readonly addressFamily: "any" | "ipv4" | "ipv6";
  /** Null: all. */
  readonly allowedCidrs: readonly Cidr[] | null;
  /** Neither `encryption` nor `transport` is given: the node may use loopback only. */
  readonly staysLocal: boolean;
  /** Primary first, without duplicates; empty if all come from `keyFile`. Null: encryption is off. */
  readonly keys: readonly Uint8Array[] | null;
  readonly keyFile: string | null;
  readonly flavour: Flavour;
  /** Whether channels and requests may be used; all nodes of the pool must agree. */
  readonly extensions: boolean;
  readonly protocolVersion: number;
  /** Options that packets and streams share, without the keyring and cipher. */
  readonly wire: ParsedWire;
  readonly timings: SwimConfig;
  /** In the flavour `memberlist`; in the others the metadata encodes the tags. */
  readonly meta: Uint8Array;
  /** The settings of Serf; null in the flavour `memberlist`. */
  readonly serf: ParsedSerf | null;
  readonly logger: Logger | null;
  readonly metrics: Required<MetricsOptions>;
  readonly limits: Required<LimitOptions>;
  /** How long handlers that are running when the node leaves may continue. */
  readonly handlerTimeoutMs: number;
  /** Null: UDP and TCP. */
  readonly transport: Transport | null;
}

/** Cluster options that `WireOptions` has under the same names. */
export type ParsedWire = Pick<WireOptions, keyof WireOptions & (keyof ClusterOptions | keyof EncryptionOptions)>;

/** The settings of a node in a pool that speaks Serf. */
export interface ParsedSerf {
  readonly tags: MemberTags;
  /** What this node understands beyond Serf, as its reserved tag announces it. */
  readonly capabilities: number;
  readonly config: Partial<SerfConfig>;
  readonly snapshot: Required<SnapshotOptions> | null;
}
