import type { Address } from "../base/address.ts";
import type { Call } from "../call/call.ts";
import type { CoreEvent, MemberChange } from "../call/events.ts";
import type { LayerHost } from "./layer-host.ts";

/** Merges a further part of a state, not longer than a turn may be. True once all of it is merged. */
export type StateMerge = (call: Call) => boolean;

/** How far the merge of a layer's part of a state has come. */
export interface BegunMerge {
  /** How many of the bytes were the layer's own; what follows them belongs to others. */
  readonly end: number;
  /** Merges the rest, in turns of its own; null if all is merged. */
  readonly rest: StateMerge | null;
}

/** A layer's part of the states that nodes exchange over streams (docs/protocol/hearsay.md, section 10). */
export interface LayerState {
  /** The number of its section, 1 to 255; null: its bytes come first and bare, as those of Serf do. */
  readonly section: number | null;
  /** This node's part. No bytes: it has nothing to tell. */
  local(isJoin: boolean): Uint8Array;
  /** Begins to merge a peer's part, after the members have been merged. `bytes` is borrowed until all is merged. */
  merge(call: Call, bytes: Uint8Array, isJoin: boolean): BegunMerge;
}

/** Where a goodbye goes on, for a layer that has something to say first. */
export interface LeaveSteps {
  /** Goes on to the layers below, and then to membership's own goodbye. */
  goodbye(call: Call): void;
  /** The layers above, and the application, may take the leave for finished. */
  finish(call: Call): void;
}

/**
 * A protocol on top of the membership of one node, such as Serf's. `Swim` calls it within its own calls, so that all share
 * one clock, one timer and one place for outputs. Layers stand on each other: the first one is next to membership, and each
 * sees the changes that those below it let through. This one does nothing: a real layer overrides what it needs.
 *
 * `Event` is what it tells the application, which gets it back by `eventOf`.
 */
export abstract class Layer<Event = never> {
  /** What it is called in events; each layer of a node has a name of its own. */
  abstract readonly name: string;

  /**
   * How messages of this layer begin, none of which may be another layer's; the longest that fits decides. Messages that
   * begin in no such way are the application's.
   */
  readonly prefixes: readonly Uint8Array[] = [];

  /** Whether only members that understand Hearsay's extensions speak it, so that others are sent none of its broadcasts. */
  readonly isExtension: boolean = true;

  /** Its part of the states that nodes exchange; null for none. */
  readonly state: LayerState | null = null;

  /** How long lost members are looked for, in milliseconds. Null: another layer decides; if none does, a day. */
  get lookForMs(): number | null {
    return null;
  }

  /** Gets the node that it is on: once, before anything else. */
  attach(_host: LayerHost<Event>): void {}

  /** The node starts; it is not in its own view yet. */
  start(_call: Call): void {}

  /** A member is known from the start, as if it had long been. */
  adopted(_name: string): void {}

  /** What the layers above and the application are told of a change: the change as it is, another one, or nothing. */
  changed(_call: Call, change: MemberChange): MemberChange | null {
    return change;
  }

  /** A message with one of its prefixes came in a datagram; borrowed. False if it is the application's after all. */
  datagram(_call: Call, _payload: Uint8Array): boolean {
    return false;
  }

  /**
   * A message with one of its prefixes came over a stream; borrowed. Returns what goes back on that stream, null for
   * nothing, or undefined if the message is the application's after all. The asker's side is `LayerHost.exchange`.
   */
  stream(_call: Call, _payload: Uint8Array): Uint8Array | null | undefined {
    return undefined;
  }

  /** A direct ping was answered in time; `payload` is what the peer's `ackPayload` gave, borrowed. */
  pingAnswered(_call: Call, _name: string, _roundTripMs: number, _payload: Uint8Array | null): void {}

  /**
   * Bytes to put into each ack of a direct ping, borrowed until the next call; null for none. Acks carry those of the first
   * layer that has some.
   */
  ackPayload(): Uint8Array | null {
    return null;
  }

  /** A join has ended; before the application is told. */
  joinFinished(_call: Call, _token: number, _contacted: number): void {}

  /** Another node claims this node's name. */
  nameClaimed(_call: Call, _other: Address): void {}

  /** The application wants to leave. The uppermost layer is asked first, and each lets the next one be asked. */
  leave(call: Call, steps: LeaveSteps): void {
    steps.goodbye(call);
  }

  /** Membership's goodbye has been told, and the layers below have finished. */
  departed(call: Call, steps: LeaveSteps): void {
    steps.finish(call);
  }

  /** Whether a deadline still means something; stale ones are swept when they pile up. */
  isCurrent(_kind: number, _stamp: number): boolean {
    return true;
  }

  /** The time that `LayerHost.wakeAt` named has come. */
  fallDue(_call: Call, _kind: number, _stamp: number): void {}

  /** This layer's event in an event of the core; undefined if it is somebody else's. */
  eventOf(event: CoreEvent): Event | undefined {
    return event.type === "layer" && event.layer === this.name ? (event.event as Event) : undefined;
  }
}
