import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Random } from "../base/random.ts";
import type { Call, Done } from "../call/call.ts";
import type { Cause, CauseKind, MemberChange, MemberStatus, MemberView } from "../call/events.ts";
import type { ExchangeFailure, Outbox } from "../call/outbox.ts";
import type { RumorClass } from "../dissemination/rumor.ts";
import type { MemberRecord } from "../membership/member-record.ts";

/** A message of a layer that everybody shall hear. */
export interface LayerBroadcast {
  /** At most `payloadBytesMax`; handed over. It begins with one of the layer's prefixes. */
  readonly payload: Uint8Array;
  readonly rumorClass: RumorClass;
  /** A newer message of the same subject takes this one's place; copies that come back are told by it. */
  readonly subject: string;
  /** Whether it goes out at once, where the call allows that, or waits for the ticks of gossip. Default: at once. */
  readonly isEager?: boolean;
  /** Called once when it has been told often enough, or never will be. Default: nobody waits. */
  readonly onDone?: Done | null;
}

/** What came of `LayerHost.exchange`; `payload` is handed over. */
export type LayerAnswer =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly detail: string };

/**
 * What a layer may do with the node that it is on: `command` begins a call of the core, and all else is done within one.
 */
export interface LayerHost<Event = never> {
  readonly config: SwimConfig;
  readonly random: Random;
  /** This node's. */
  readonly name: string;
  readonly address: Address;
  /** Bytes of the longest payload that a packet carries. */
  readonly payloadBytesMax: number;
  /** Whether the node mends the reference's known faults (docs/design/decisions/0002-repairs.md). */
  readonly repairs: boolean;
  /** Tells the application something. */
  event(call: Call, event: Event): void;
  /** Tells the layers above, and the application, of a change of a member that only this layer knows of. */
  changed(call: Call, change: MemberChange): void;
  /** Spreads a message to all members that may speak the layer. */
  broadcast(call: Call, broadcast: LayerBroadcast): void;
  /** How many messages are being told whose subjects begin so. Walks them all. */
  queued(subjectPrefix: string): number;
  /** The message in hand is one that this node has heard before. */
  heardAgain(call: Call, subject: string): void;
  /** One message in one datagram, best effort. Of an extension, only to members whose record says `isCapable`. */
  send(call: Call, to: Address, payload: Uint8Array): void;
  /**
   * Sends a message over a stream and brings the answer that the same layer gives there, `Layer.stream`. `done` is called
   * once, in a later call. Peers without the layer close without an answer; agents of Serf log a message that they don't know.
   */
  exchange(
    call: Call,
    to: Address,
    payload: Uint8Array,
    timeoutMs: number,
    done: (call: Call, answer: LayerAnswer) => void,
  ): void;
  /** Asks for `Layer.fallDue` with the same kind, 0 to 255, and stamp. */
  wakeAt(at: number, kind: number, stamp: number): void;
  /** A member as membership has it; undefined for one that it doesn't know, or not any more. */
  view(name: string): MemberView | undefined;
  /** Members that are alive or suspected, this node included. */
  present(): number;
  /** Up to `count` random alive members but this node. */
  chooseAlive(count: number): MemberRecord[];
  /** Whether a member may live at an address, so that something may be sent there. */
  admits(address: Address): boolean;
  /** Notes a cause that only the layer knows of, and returns it. */
  note(call: Call, name: string, kind: CauseKind, status: MemberStatus, by: string): Cause;
  /** Marks a member that is held dead as one that left for good: nobody looks for it any more. */
  markLeft(name: string): void;
  /**
   * Exchanges states with these targets for the application, whose token it is: `Layer.joinFinished` and the application get it
   * at the end, maybe within this call.
   */
  join(call: Call, token: number, targets: readonly Address[]): void;
  /** Makes a call of the core for a command of the layer's own. Not to be used within a call. */
  command<T>(now: number, out: Outbox, run: (call: Call) => T): T;
}
