import { type Address, type Random, Sfc32, type SwimConfig } from "@hearsay/core";
import type { Keyring } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Lookup, Resolve } from "../discovery/resolve.ts";
import type { Flavour } from "../options/cluster-options.ts";
import type { ParsedSerf } from "../options/read-serf.ts";
import type { Transport } from "../transport/transport.ts";

/** Everything one node runs with, checked and complete: what the options of `createCluster` come down to. */
export interface NodeSettings {
  /** Null: host name and port, once the port is known. */
  readonly nodeName: string | null;
  readonly transport: Transport;
  /** Where others reach this node, if not where it is bound. */
  readonly advertise: { readonly host: string | null; readonly port: number | null };
  /** Targets to join by, as configured. */
  readonly join: readonly string[];
  readonly resolve: Resolve;
  readonly config: SwimConfig;
  readonly protocolVersion: number;
  readonly label: Uint8Array;
  readonly skipInboundLabelCheck: boolean;
  readonly compression: boolean;
  readonly packetBytes: number;
  /** No keyring: encryption is off. */
  readonly keyring: Keyring | null;
  readonly keyFile: string | null;
  readonly verifyIncoming: boolean;
  readonly verifyOutgoing: boolean;
  /** In the flavour `memberlist`; in others the metadata are the tags. */
  readonly meta: Uint8Array;
  readonly flavour: Flavour;
  /** What the node needs to speak Serf; null in the flavour `memberlist`. */
  readonly serf: ParsedSerf | null;
  /** Whether channels and requests may be used; all nodes of the pool must agree. */
  readonly extensions: boolean;
  /** Whether a member may live at an address. */
  readonly admits: (address: Address) => boolean;
  readonly logger: Logger | null;
  /** What is risky in these settings, as lines for the log. */
  readonly cautions: readonly string[];
  readonly metricsPrefix: string;
  /** Changes that one reader may leave unread. */
  readonly changesMax: number;
  /** Messages of a channel that one reader may leave unread. */
  readonly messagesMax: number;
  /** Streams that peers may hold open to this node. */
  readonly inboundConnectionsMax: number;
  /** Bytes of messages on streams, read or answered, of all together. */
  readonly streamBytesMax: number;
  /** How long handlers that are at work when the node leaves may go on. */
  readonly handlerTimeoutMs: number;
}

/** What a node takes from the world besides its transport. */
export interface Platform {
  readonly clock: Clock;
  /** Bytes that nobody can guess, or that a test's seed gives. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Finds the addresses of a host name. */
  readonly lookup: Lookup;
}

/** A source of chance for the protocol, of its own for each use. Nothing secret comes from it. */
export function seededRandom(platform: Platform): Random {
  const words = new Uint32Array(Uint8Array.from(platform.randomBytes(8)).buffer);
  return new Sfc32(words[0] ?? 0, words[1] ?? 0);
}
