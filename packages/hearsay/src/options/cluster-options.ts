import type { Preset, SwimConfig } from "@hearsay/core";
import type { SerfConfig } from "@hearsay/core/serf";
import type { Duration } from "../base/durations.ts";
import type { Logger } from "../base/logger.ts";
import type { KeyInput } from "../crypto/keys.ts";
import type { Transport } from "../transport/transport.ts";

/** Everything that `createCluster` can be told. docs/reference/options.md has the bounds and what each setting trades. */
export interface ClusterOptions {
  /**
   * The product that this cluster belongs to. It is the default of `label`, so that two products never merge by accident.
   * Leave it out, or give a `label`, to meet peers that have another label or none. The flavours `serf` and `memberlist`
   * have no label by default, since older peers don't know labels.
   * @defaultValue none
   */
  readonly clusterName?: string;
  /** This node's name, unique in the cluster and the same after a restart. @defaultValue host name and port */
  readonly nodeName?: string;
  /**
   * Where to listen, as `"host:port"` or in parts; port 0 takes a free one.
   * @defaultValue port 7946 of 127.0.0.1 without keys, of 0.0.0.0 with keys
   */
  readonly bind?: string | Endpoint;
  /** Where others reach this node, if that is not where it listens. @defaultValue the bound address */
  readonly advertise?: string | Endpoint;
  /** Nodes to join by: `[name/]host[:port]`. All addresses of a host name are tried. @defaultValue none */
  readonly join?: string | readonly string[];
  /** Which addresses of host names to use. @defaultValue "any" */
  readonly addressFamily?: "any" | "ipv4" | "ipv6";
  /** The timings to start from: one network, networks far apart, or one machine. @defaultValue "lan" */
  readonly preset?: Preset;
  /**
   * The kind of pool: Serf's protocol with Hearsay's extensions, which Serf agents may share; Serf's without them; or that
   * of an application's own memberlist nodes.
   * @defaultValue "hearsay"
   */
  readonly flavour?: Flavour;
  /**
   * In the flavour `memberlist`, whether every node of the cluster understands Hearsay's extensions. Plain memberlist peers
   * don't. In the other flavours it follows from the flavour.
   * @defaultValue "all" in the flavour `hearsay`, else "none"
   */
  readonly extensions?: "none" | "all";
  /**
   * Which packets belong to this cluster; an empty text means those without a label.
   * @defaultValue the value of `clusterName`; none in the flavours `serf` and `memberlist`
   */
  readonly label?: string;
  /** Accepts packets from which something in between has taken the label already. @defaultValue false */
  readonly skipInboundLabelCheck?: boolean;
  /** Keys, or `"off"`. Left out, the node keeps to loopback. @defaultValue none */
  readonly encryption?: EncryptionOptions | "off";
  /** Whether to compress what gets smaller by it. @defaultValue true */
  readonly compression?: boolean;
  /** What this node tells about itself, as pairs of text: at most 512 bytes, encoded. @defaultValue none */
  readonly tags?: Readonly<Record<string, string>>;
  /** The same as bytes, at most 512, in the flavour `memberlist`. @defaultValue none */
  readonly meta?: Uint8Array | string;
  /** Intervals, timeouts and counts of the protocol, over those of the preset. @defaultValue the preset's */
  readonly timings?: TimingOptions;
  /**
   * A file, or a folder for it, by which this node finds the others again after a restart; Serf agents can read it, and
   * theirs can be read.
   * @defaultValue none
   */
  readonly snapshot?: string | SnapshotOptions;
  /** Times and limits of Serf's protocol, over its own. @defaultValue Serf's */
  readonly serf?: SerfTuning;
  /** The version of memberlist's protocol to speak, 1 to 5. @defaultValue 2 */
  readonly protocolVersion?: number;
  /** Networks that members may be in. @defaultValue all */
  readonly allowedCidrs?: readonly string[];
  /** Size that packets are filled up to, in bytes. @defaultValue 1400 */
  readonly packetBytes?: number;
  /** Where log lines go: `console`, a pino logger, or anything with their methods. @defaultValue none */
  readonly logger?: Logger;
  /** How metrics are named. */
  readonly metrics?: MetricsOptions;
  /** How much may wait before something gives way. */
  readonly limits?: LimitOptions;
  /**
   * How long asynchronous handlers that are at work when this node leaves may go on: those of requests and queries, and
   * others that return promises. 0 to 1 h; at the end of it they are cut, logged and counted.
   * @defaultValue 10 s
   */
  readonly handlerTimeout?: Duration;
  /** Another way to the peers than UDP and TCP. `bind` is then its own affair. @defaultValue UDP and TCP */
  readonly transport?: Transport;
}

/** The kind of pool. */
export type Flavour = "hearsay" | "serf" | "memberlist";

/** How to remember the others over a restart. */
export interface SnapshotOptions {
  /** A file, or a folder in which it is `local.snapshot`. */
  readonly path: string;
  /** Whether to join again after a leave, too. @defaultValue false */
  readonly rejoinAfterLeave?: boolean;
}

/** The settings of Serf, with durations instead of milliseconds. */
export type SerfTuning = {
  readonly [Key in keyof SerfConfig as Key extends `${infer Name}Ms` ? Name : Key]?: Key extends `${string}Ms`
    ? Duration
    : SerfConfig[Key];
};

/** A host and a port. */
export interface Endpoint {
  /** An IP literal, or a host name, which is looked up once, at the start. */
  readonly host?: string;
  /** @defaultValue 7946 to bind; the bound port to advertise */
  readonly port?: number;
}

/** Encryption of everything that goes over the network. */
export interface EncryptionOptions {
  /**
   * Base64 texts or bytes of 16, 24 or 32 bytes. The first one seals; all of them open. A missing or empty list is
   * refused unless there is a `keyFile`, and so is an element that is undefined.
   */
  readonly keys?: readonly KeyInput[];
  /**
   * A JSON list of base64 keys. If the file exists, its keys are used and `keys` is not; else it is written with `keys`.
   * Rotation is kept in it.
   * @defaultValue none
   */
  readonly keyFile?: string;
  /** False also takes what is not encrypted, while a cluster changes over. @defaultValue true */
  readonly verifyIncoming?: boolean;
  /** False sends unencrypted, while a cluster changes over. @defaultValue true */
  readonly verifyOutgoing?: boolean;
}

/** The settings of the protocol, with durations instead of milliseconds. */
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

/** How much may wait before something gives way. */
export interface LimitOptions {
  /** Changes that one reader may leave unread; then a new snapshot replaces them. @defaultValue 1024 */
  readonly changesMax?: number;
  /** Messages that one reader may leave unread; then the oldest go. @defaultValue 1024 */
  readonly messagesMax?: number;
  /**
   * Streams that peers may hold open to this node; then a newcomer takes the place of one that stands still.
   * @defaultValue 1024
   */
  readonly inboundConnectionsMax?: number;
  /**
   * Bytes of messages on streams that are read or answered, of all streams together: what has come in, what it
   * decompresses to, and answers that wait to be read. Half of it bounds one message. @defaultValue 134217728
   */
  readonly streamBytesMax?: number;
}
