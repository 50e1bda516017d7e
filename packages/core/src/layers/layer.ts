import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Random } from "../base/random.ts";
import type { Cause, CauseKind, MemberChange, MemberStatus, MemberView } from "../call/events.ts";
import type { Input } from "../call/input.ts";
import type { Outbox } from "../call/outbox.ts";
import type { RumorClass } from "../dissemination/rumor.ts";
import type { MemberRecord } from "../membership/member-record.ts";

/** A message of a layer that everybody shall hear. */
export interface LayerNews {
  /** At most `payloadBytesMax`; handed over. */
  readonly payload: Uint8Array;
  readonly rumorClass: RumorClass;
  /** A newer message of the same subject takes this one's place; copies that come back are told by it. */
  readonly subject: string;
  /** Whether the layer waits for it to be told: `Layer.rumorFinished` gets the ticket. */
  readonly wantsTicket: boolean;
}

/**
 * What a layer may do with the node below it: `command` begins a call of the core, and all else is done within one, with
 * that call's input.
 */
export interface Below {
  readonly config: SwimConfig;
  readonly random: Random;
  readonly name: string;
  readonly address: Address;
  /** Bytes of the longest payload that a packet carries. */
  readonly payloadBytesMax: number;
  /** Whether the node mends the reference's known faults (docs/decisions/0002-repairs.md). */
  readonly repairs: boolean;
  /** Spreads a message, eagerly where the call allows it. Returns its ticket, or 0 if none is wanted. */
  tell(input: Input, news: LayerNews): number;
  /** How many messages are being told whose subjects begin so. Walks them all. */
  telling(subjectPrefix: string): number;
  /** The message in hand is one that this node has heard before. */
  heardAgain(input: Input, subject: string): void;
  /** One message in one datagram, best effort. */
  send(input: Input, to: Address, payload: Uint8Array): void;
  /** Asks for `Layer.fallDue` with the same kind and stamp. */
  wakeAt(at: number, kind: number, stamp: number): void;
  /** A member as membership has it; undefined for one that it doesn't know, or not any more. */
  view(name: string): MemberView | undefined;
  /** Everybody whom membership knows. */
  views(): MemberView[];
  /** Members that are alive or suspected, this node included. */
  present(): number;
  /** Up to `count` random alive members but this node. */
  chooseAlive(count: number): MemberRecord[];
  /** Whether a member may live at an address, so that something may be sent there. */
  admits(address: Address): boolean;
  /** Notes a cause that only the layer knows of, and returns it. */
  note(input: Input, name: string, kind: CauseKind, status: MemberStatus, by: string): Cause;
  /** A member that is held dead has left for good: nobody looks for it any more. */
  hasLeft(name: string): void;
  /** Exchanges states with these targets; `Layer.joinFinished` gets the returned token, maybe before it is returned. */
  join(input: Input, targets: readonly Address[]): number;
  /** Says membership's own goodbye, which `Layer.departed` reports. */
  depart(input: Input): void;
  /** Makes a call of the core for a command of the layer's own. Not to be used within a call. */
  command<T>(now: number, out: Outbox, run: (input: Input) => T): T;
}

/** Merges a further part of a state, not longer than a turn may be. True once all of it is merged. */
export type StateMerge = (input: Input) => boolean;

/**
 * A protocol on top of the membership of one node, such as Serf's. `Swim` calls it within its own calls, so that the two
 * share one clock, one timer and one place for outputs. This one does nothing: a real layer overrides what it needs.
 */
export class Layer {
  /** How long members that were lost are looked for. @defaultValue a day */
  get lookForMs(): number {
    return LOOK_FOR_MS;
  }

  /** Gets the node that it is on: once, before anything else. */
  attach(_below: Below): void {}

  /** The node starts; it is not in its own view yet. */
  start(_input: Input): void {}

  /** A member is known from the start, as if it had long been. */
  adopted(_name: string): void {}

  /** What the application is told of a change: the change as it is, another one, or nothing. */
  changed(_input: Input, change: MemberChange): MemberChange | null {
    return change;
  }

  /** A message that is not membership's; `payload` is borrowed. False if it isn't the layer's: the application gets it. */
  message(_input: Input, _payload: Uint8Array, _reliable: boolean): boolean {
    return false;
  }

  /** A direct ping was answered in time; `payload` is what the peer's `ackPayload` gave, borrowed. */
  pingAnswered(_input: Input, _name: string, _roundTripMs: number, _payload: Uint8Array | null): void {}

  /** Bytes to put into each ack of a direct ping; null for none. Borrowed until the next call. */
  ackPayload(): Uint8Array | null {
    return null;
  }

  /** The layer's state, sent with each push/pull. */
  localState(_isJoin: boolean): Uint8Array {
    return NOTHING;
  }

  /**
   * The state of a peer's layer, after its members have been merged; borrowed until it is. Null if it is merged, else what
   * merges the rest of it, in turns of their own.
   */
  mergeState(_input: Input, _state: Uint8Array, _isJoin: boolean): StateMerge | null {
    return null;
  }

  /** A join has ended; before the application is told. */
  joinFinished(_input: Input, _token: number, _contacted: number): void {}

  /** Another node claims this node's name. */
  nameClaimed(_input: Input, _other: Address): void {}

  /** The application wants to leave; ends with `depart`. */
  leave(input: Input, below: Pick<Below, "depart">): void {
    below.depart(input);
  }

  /** Membership's goodbye has been told. Ends with the event `leave-finished`. */
  departed(input: Input): void {
    input.out.event({ type: "leave-finished" });
  }

  /** A message that was told with a ticket is done. */
  rumorFinished(_input: Input, _ticket: number): boolean {
    return false;
  }

  /** Whether a deadline still means something; stale ones are swept when they pile up. */
  isCurrent(_kind: number, _stamp: number): boolean {
    return true;
  }

  /** The time that `wakeAt` named has come. */
  fallDue(_input: Input, _kind: number, _stamp: number): void {}
}

const LOOK_FOR_MS = 24 * 3_600_000;
const NOTHING = new Uint8Array(0);
