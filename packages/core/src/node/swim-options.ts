import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Random } from "../base/random.ts";
import type { Rules, RulesName } from "../base/rules.ts";
import type { AnyLayer } from "../layers/layer-stack.ts";
import type { memberRecord } from "../membership/member-record.ts";
import type { PushPullNode } from "../wire/messages.ts";
import type { PacketCodec } from "../wire/packets.ts";

/** What the application may say about what comes in and goes out. Hooks must not throw and not call back. */
export interface SwimHooks {
  /** Whether a member may live at `address`, told by a packet from `source`. Default: yes. */
  readonly admits?: (address: Address, source: Address | null) => boolean;
  /** A reason against merging the members that a join brought, or null. Default: null. */
  readonly vetoesJoin?: (members: readonly PushPullNode[]) => string | null;
  /**
   * Whether a member with this metadata understands Hearsay's extensions: only such members are sent broadcasts that are
   * extensions. Default: all do.
   */
  readonly understandsExtensions?: (meta: Uint8Array) => boolean;
}

/** Everything that one node starts with. */
export interface SwimOptions {
  /** Unique in the pool. */
  readonly name: string;
  /** Where others reach this node. */
  readonly address: Address;
  /** At most 512 bytes. Default: none. */
  readonly meta?: Uint8Array;
  readonly config: SwimConfig;
  /** Packs and unpacks datagrams: label, key and compression are set there. */
  readonly packets: PacketCodec;
  readonly random: Random;
  /** The protocol version that this node speaks, 1 to 5 (section 11). Default: 2. */
  readonly protocolVersion?: number;
  /** Least, greatest and spoken version of the application's own protocol. Default: 0, 0, 0. */
  readonly delegateVersions?: readonly [number, number, number];
  /** Whether to ping over a stream whom datagrams do not reach. Default: true. */
  readonly streamPings?: boolean;
  readonly hooks?: SwimHooks;
  /** What stands on top of the membership, the layer next to it first. Default: nothing. */
  readonly layers?: readonly AnyLayer[];
  /** Internal: which protocol to follow. Default: `hearsay`. */
  readonly rules?: RulesName | Rules;
  /** Internal: makes member records, so that a simulation can share them among nodes. */
  readonly makeRecord?: typeof memberRecord;
}
