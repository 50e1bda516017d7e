import type { Preset, SwimConfig } from "@hearsay/core";
import type { SerfConfig } from "@hearsay/core/serf";
import type { Duration } from "../base/durations.ts";
import type { Logger } from "../base/logger.ts";
import type { KeyInput } from "../crypto/keys.ts";
import type { Transport } from "../transport/transport.ts";

/** All options of `createCluster`. docs/reference/options.md has the bounds and trade-offs of each. */
export interface ClusterOptions {
  /**
   * The product that this cluster belongs to. It is the default of `label`, so that two products never merge by
   * accident. Omit it, or set `label`, to join peers with another label or none. The flavours `serf` and `memberlist`
   * have no label by default, since older peers don't know labels.
   * @defaultValue none
   */
  readonly clusterName?: string;
  /** This node's name, unique in the cluster and the same after a restart. @defaultValue host name and port */
  readonly nodeName?: string;
  /**
   * Where to listen, as `"host:port"` or in parts; port 0 takes a free port.
   * @defaultValue port 7946 of 127.0.0.1 without keys, of 0.0.0.0 with keys
   */
  readonly bind?: string | Endpoint;
  /** Where others reach this node, if not where it listens. @defaultValue the bound address */
  readonly advertise?: string | Endpoint;
  /** Nodes to join, each `[name/]host[:port]`. All addresses of a host name are tried. @defaultValue none */
  readonly join?: string | readonly string[];
  /** Which addresses of host names to use. @defaultValue "any" */
  readonly addressFamily?: "any" | "ipv4" | "ipv6";
  /** The set of default timings: for one network, for distant networks, or for one machine. @defaultValue "lan" */
  readonly preset?: Preset;
  /**
   * The kind of pool. `hearsay`: Serf's protocol with Hearsay's extensions; Serf agents may be members. `serf`: Serf's
   * protocol without extensions. `memberlist`: the protocol of an application's own memberlist nodes.
   * @defaultValue "hearsay"
   */
  readonly flavour?: Flavour;
  /**
   * In the flavour `memberlist`, whether every node of the cluster understands Hearsay's extensions. Plain memberlist
   * peers don't. In the other flavours the flavour determines it.
   * @defaultValue "all" in the flavour `hearsay`, else "none"
   */
  readonly extensions?: "none" | "all";
  /**
   * The label of this cluster's packets and streams; an empty text means no label. Those with another label are
   * dropped.
   * @defaultValue the value of `clusterName`; none in the flavours `serf` and `memberlist`
   */
  readonly label?: string;
  /** Accepts packets whose label a proxy has already removed. @defaultValue false */
  readonly skipInboundLabelCheck?: boolean;
  /** Keys, or `"off"`. Without this option the node uses only loopback addresses. @defaultValue none */
  readonly encryption?: EncryptionOptions | "off";
  /** Whether to compress packets and streams where that makes them smaller. @defaultValue true */
  readonly compression?: boolean;
  /** What this node announces about itself, as names and texts: at most 512 bytes, encoded. @defaultValue none */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * What this node announces about itself as bytes, at most 512. Only in the flavour `memberlist`. @defaultValue none
   */
  readonly meta?: Uint8Array | string;
  /** Intervals, timeouts and counts of the protocol; they override the preset's. @defaultValue the preset's */
  readonly timings?: TimingOptions;
  /**
   * A file, or a folder for it, that records the members, so that this node finds them again after a restart. It has
   * the format of Serf's snapshots.
   * @defaultValue none
   */
  readonly snapshot?: string | SnapshotOptions;
  /** Times and limits of Serf's protocol; they override Serf's defaults. @defaultValue Serf's */
  readonly serf?: SerfTuning;
  /** The version of memberlist's protocol to speak, 1 to 5. @defaultValue 2 */
  readonly protocolVersion?: number;
  /** Networks in which members may have their addresses. @defaultValue all */
  readonly allowedCidrs?: readonly string[];
  /** Size up to which packets are filled, in bytes. @defaultValue 1400 */
  readonly packetBytes?: number;
  /** Where log lines go: `console`, a pino logger, or any object with the same methods. @defaultValue none */
  readonly logger?: Logger;
  /** How metrics are named. */
  readonly metrics?: MetricsOptions;
  /** Limits of what may wait or be held. */
  readonly limits?: LimitOptions;
  /**
   * How long asynchronous handlers that are running when this node leaves may continue: handlers of requests and
   * queries, and others that return promises. 0 to 1 h; then the remaining ones are cut, logged and counted.
   * @defaultValue 10 s
   */
  readonly handlerTimeout?: Duration;
  /** A transport to use instead of UDP and TCP. It decides itself where to bind. @defaultValue UDP and TCP */
  readonly transport?: Transport;
}

/** The kind of pool. */
export type Flavour = "hearsay" | "serf" | "memberlist";

/** How to remember members across restarts. */
export interface SnapshotOptions {
  /** A file, or a folder in which it is `local.snapshot`. */
  readonly path: string;
  /** Whether to rejoin after a leave, too. @defaultValue false */
  readonly rejoinAfterLeave?: boolean;
}

/** Serf's settings, with durations instead of milliseconds. */
export type SerfTuning = {
  readonly [Key in keyof SerfConfig as Key extends `${infer Name}Ms` ? Name : Key]?: Key extends `${string}Ms`
    ? Duration
    : SerfConfig[Key];
};

/** A host and a port. */
export interface Endpoint {
  /** An IP literal, or a host name, which is resolved once, at the start. */
  readonly host?: string;
  /** @defaultValue 7946 to bind; the bound port to advertise */
  readonly port?: number;
}

/** Encryption of all network traffic. */
export interface EncryptionOptions {
  /**
   * Keys of 16, 24 or 32 bytes, as base64 text or bytes. The first key encrypts; all keys decrypt. A missing list is
   * refused unless there is a `keyFile`; an empty list or an undefined element is always refused.
   */
  readonly keys?: readonly KeyInput[];
  /**
   * A JSON list of base64 keys. If the file exists, its keys are used instead of `keys`; else it is created with
   * `keys`. Key rotation updates it.
   * @defaultValue none
   */
  readonly keyFile?: string;
  /** False also accepts unencrypted messages, for a cluster that is switching to encryption. @defaultValue true */
  readonly verifyIncoming?: boolean;
  /** False sends unencrypted, for a cluster that is switching to encryption. @defaultValue true */
  readonly verifyOutgoing?: boolean;
}

/** The protocol's settings, with durations instead of milliseconds. */
export type TimingOptions = {
  readonly [Key in keyof SwimConfig as Key extends `${infer Name}Ms` ? Name : Key]?: Key extends `${string}Ms`
    ? Duration
    : number;
};

/** How metrics are named. */
export interface MetricsOptions {
  /** First part of every name. @defaultValue "hearsay" */
  readonly prefix?: string;
}

/** Limits of what may wait or be held. */
export interface LimitOptions {
  /** Changes that one reader may leave unread; beyond that a new snapshot replaces them. @defaultValue 1024 */
  readonly changesMax?: number;
  /** Messages that one reader may leave unread; beyond that the oldest are dropped. @defaultValue 1024 */
  readonly messagesMax?: number;
  /**
   * Streams that peers may hold open to this node; beyond that a new stream replaces an idle one or is refused.
   * @defaultValue 1024
   */
  readonly inboundConnectionsMax?: number;
  /**
   * Bytes held for all streams together: received messages, what they decompress to, and answers that the peer has not
   * read yet. Half of it bounds one message. @defaultValue 134217728
   */
  readonly streamBytesMax?: number;
}
