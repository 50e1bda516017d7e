import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Random } from "../base/random.ts";
import type { Call, Done } from "../call/call.ts";
import type { Cause, CauseKind, MemberChange, MemberStatus, MemberView } from "../call/events.ts";
import type { ExchangeFailure, Outbox } from "../call/outbox.ts";
import type { RumorClass } from "../dissemination/rumor.ts";
import type { MemberRecord } from "../membership/member-record.ts";

/** A layer's message for all members. */
export interface LayerBroadcast {
  /** At most `payloadBytesMax`; handed over. It begins with one of the layer's prefixes. */
  readonly payload: Uint8Array;
  readonly rumorClass: RumorClass;
  /** A newer message with the same subject replaces this one; repeated copies are recognized by it. */
  readonly subject: string;
  /**
   * Whether to send it at once, where the call allows that, instead of waiting for the gossip tick. Default: at once.
   */
  readonly isEager?: boolean;
  /** Called once when the message has been sent often enough, or never will be. Default: none. */
  readonly onDone?: Done | null;
}

/** The result of `LayerHost.exchange`; `payload` is handed over. */
export type LayerAnswer =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly detail: string };

/** What a layer may do with its node. `command` begins a call of the core; all other methods run within one. */
export interface LayerHost<Event = never> {
  readonly config: SwimConfig;
  readonly random: Random;
  /** This node's name. */
  readonly name: string;
  readonly address: Address;
  /** Bytes of the longest payload that fits a packet. */
  readonly payloadBytesMax: number;
  /** Whether the node repairs the reference's known faults (docs/design/decisions/0002-repairs.md). */
  readonly repairs: boolean;
  /** Reports an event to the application. */
  event(call: Call, event: Event): void;
  /** Reports a member change that only this layer knows of to the layers above and to the application. */
  changed(call: Call, change: MemberChange): void;
  /** Gossips a message to all members that may speak the layer. */
  broadcast(call: Call, broadcast: LayerBroadcast): void;
  /** How many queued messages have subjects that begin with this prefix. Walks all of them. */
  queued(subjectPrefix: string): number;
  /** Reports that this node has heard the message in hand before. */
  heardAgain(call: Call, subject: string): void;
  /**
   * Sends one message in one datagram, best effort. An extension may send only to members whose record says
   * `isCapable`.
   */
  send(call: Call, to: Address, payload: Uint8Array): void;
  /**
   * Sends a message over a stream. `done` gets the answer that the same layer gives there (`Layer.stream`); it is
   * called once, in a later call. Peers without the layer close the stream without an answer; Serf agents log a message
   * of an unknown type.
   */
  exchange(
    call: Call,
    to: Address,
    payload: Uint8Array,
    timeoutMs: number,
    done: (call: Call, answer: LayerAnswer) => void,
  ): void;
  /** Arms a deadline that calls `Layer.fallDue` with the same kind, 0 to 255, and stamp. */
  wakeAt(at: number, kind: number, stamp: number): void;
  /** A member as membership lists it; undefined if it is unknown or already forgotten. */
  view(name: string): MemberView | undefined;
  /** Number of alive and suspect members, this node included. */
  present(): number;
  /** Whether all members understand Hearsay's extensions. Others pass news on with their gossip ticks only. */
  areAllCapable(): boolean;
  /** Up to `count` random alive members, without this node. */
  chooseAlive(count: number): MemberRecord[];
  /** Whether members may live at this address, so that this node may send there. */
  admits(address: Address): boolean;
  /** Records a cause that only the layer knows of, and returns it. */
  note(call: Call, name: string, kind: CauseKind, status: MemberStatus, by: string): Cause;
  /** Marks a failed member as left: this node stops looking for it. */
  markLeft(name: string): void;
  /**
   * Exchanges states with these targets for the application, which chose the token. Ends with `Layer.joinFinished` and
   * the application's event, possibly within this call.
   */
  join(call: Call, token: number, targets: readonly Address[]): void;
  /** Makes a call of the core for one of the layer's own commands. Not to be used within a call. */
  command<T>(now: number, out: Outbox, run: (call: Call) => T): T;
}
