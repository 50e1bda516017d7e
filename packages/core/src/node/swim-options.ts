import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Random } from "../base/random.ts";
import type { Rules, RulesName } from "../base/rules.ts";
import type { AnyLayer } from "../layers/layer-stack.ts";
import type { memberRecord } from "../membership/member-record.ts";
import type { PushPullNode } from "../wire/messages.ts";
import type { PacketCodec } from "../wire/packets.ts";

/** The application's decisions about members. Hooks must not throw and must not call back into the node. */
export interface SwimHooks {
  /**
   * Whether to accept a member at `address`, reported by a packet from `source` or, if null, by a push/pull. Default:
   * yes.
   */
  readonly admits?: (address: Address, source: Address | null) => boolean;
  /** Returns the reason for rejecting the members that a join brought, or null to accept them. Default: null. */
  readonly vetoesJoin?: (members: readonly PushPullNode[]) => string | null;
  /**
   * Whether a member with this metadata understands Hearsay's extensions; only such members receive extension
   * broadcasts. Default: all do.
   */
  readonly understandsExtensions?: (meta: Uint8Array) => boolean;
}

/** The settings of one node. */
export interface SwimOptions {
  /** Unique in the pool. */
  readonly name: string;
  /** The address at which others reach this node. */
  readonly address: Address;
  /** At most 512 bytes. Default: none. */
  readonly meta?: Uint8Array;
  /** The host may change its `LIVE_SETTINGS` between two calls; the others are read once. */
  readonly config: SwimConfig;
  /** Packs and unpacks datagrams: label, key and compression are set there. */
  readonly packets: PacketCodec;
  readonly random: Random;
  /** The protocol version that this node speaks, 1 to 5 (section 11). Default: 2. */
  readonly protocolVersion?: number;
  /** Least, greatest and spoken version of the application's own protocol. Default: 0, 0, 0. */
  readonly delegateVersions?: readonly [number, number, number];
  /** Whether to ping a member over a stream when datagrams don't reach it. Default: true. */
  readonly streamPings?: boolean;
  readonly hooks?: SwimHooks;
  /** The layers on top of membership, lowest first. Default: none. */
  readonly layers?: readonly AnyLayer[];
  /** Internal: which protocol to follow. Default: `hearsay`. */
  readonly rules?: RulesName | Rules;
  /** Internal: makes member records, so that a simulation can share them among nodes. */
  readonly makeRecord?: typeof memberRecord;
}
