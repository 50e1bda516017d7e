import type { Address } from "../base/address.ts";
import type { Call } from "../call/call.ts";
import type { CoreEvent, MemberChange } from "../call/events.ts";
import type { LayerHost } from "./layer-host.ts";

/** Merges one more slice of a state. Returns true once all of it is merged. */
export type StateMerge = (call: Call) => boolean;

/** The progress of merging a layer's part of a state. */
export interface BegunMerge {
  /** How many of the bytes belonged to the layer; the bytes after them belong to others. */
  readonly end: number;
  /** Merges the rest in later turns; null if all is merged. */
  readonly rest: StateMerge | null;
}

/** A layer's part of the states that nodes exchange over streams (docs/protocol/hearsay.md, section 10). */
export interface LayerState {
  /** The number of its section, 1 to 255; null if its bytes come first and without a section header, as Serf's do. */
  readonly section: number | null;
  /** This node's part; empty if it has nothing to send. */
  local(isJoin: boolean): Uint8Array;
  /**
   * Begins to merge a peer's part, after the members have been merged. `bytes` is borrowed until all of it is merged.
   */
  merge(call: Call, bytes: Uint8Array, isJoin: boolean): BegunMerge;
}

/** The next steps of a leave, for a layer that has something to send first. */
export interface LeaveSteps {
  /** Continues with the layers below, and then with membership's own leave. */
  goodbye(call: Call): void;
  /** Reports to the layers above, and to the application, that the leave has finished. */
  finish(call: Call): void;
}

/**
 * A protocol on top of one node's membership, such as Serf. `Swim` calls it within its own calls, so that all share one
 * clock, one timer and one `Outbox`. Layers are stacked: the first one is next to membership, and each sees the changes
 * that the layers below it pass on. This base class does nothing; a real layer overrides what it needs.
 *
 * `Event` is the type of the layer's events for the application, which extracts them with `eventOf`.
 */
export abstract class Layer<Event = never> {
  /** Its name in events, unique among the layers of a node. */
  abstract readonly name: string;

  /**
   * The prefixes of this layer's messages. No other layer may have the same; the longest match decides. Messages that
   * match no prefix are the application's.
   */
  readonly prefixes: readonly Uint8Array[] = [];

  /** Whether only members that understand Hearsay's extensions speak it; others then receive none of its broadcasts. */
  readonly isExtension: boolean = true;

  /** Its part of the states that nodes exchange; null for none. */
  readonly state: LayerState | null = null;

  /** How long lost members are looked for, in milliseconds. Null leaves it to another layer; the fallback is a day. */
  get lookForMs(): number | null {
    return null;
  }

  /** Receives its host: called once, before anything else. */
  attach(_host: LayerHost<Event>): void {}

  /** The node starts; its own `joined` change follows. */
  start(_call: Call): void {}

  /** A member is known from the start, as if it had long been. */
  adopted(_name: string): void {}

  /** Returns the change to report to the layers above and the application: the same, a different one, or none. */
  changed(_call: Call, change: MemberChange): MemberChange | null {
    return change;
  }

  /**
   * Handles a message with one of its prefixes from a datagram; borrowed. False if it is the application's after all.
   */
  datagram(_call: Call, _payload: Uint8Array): boolean {
    return false;
  }

  /**
   * Handles a message with one of its prefixes from a stream; borrowed. Returns the answer for that stream, null for
   * none, or undefined if the message is the application's after all. `LayerHost.exchange` is the requesting side.
   */
  stream(_call: Call, _payload: Uint8Array): Uint8Array | null | undefined {
    return undefined;
  }

  /** A direct ping was answered in time; `payload` is what the peer's `ackPayload` returned, borrowed. */
  pingAnswered(_call: Call, _name: string, _roundTripMs: number, _payload: Uint8Array | null): void {}

  /**
   * Payload for each ack of a direct ping, borrowed until the next call; null for none. Acks carry the payload of the
   * first layer that has one.
   */
  ackPayload(): Uint8Array | null {
    return null;
  }

  /** A join has ended; called before the application hears of it. */
  joinFinished(_call: Call, _token: number, _contacted: number): void {}

  /** Another node claims this node's name. */
  nameClaimed(_call: Call, _other: Address): void {}

  /** The application wants to leave. The uppermost layer is called first; each lets the next one continue. */
  leave(call: Call, steps: LeaveSteps): void {
    steps.goodbye(call);
  }

  /** Membership's leave has been gossiped, and the layers below have finished. */
  departed(call: Call, steps: LeaveSteps): void {
    steps.finish(call);
  }

  /** Whether a deadline is still current; stale ones are swept when they pile up. */
  isCurrent(_kind: number, _stamp: number): boolean {
    return true;
  }

  /** A deadline armed with `LayerHost.wakeAt` is due. */
  fallDue(_call: Call, _kind: number, _stamp: number): void {}

  /** This layer's event in an event of the core; undefined if the event is not from this layer. */
  eventOf(event: CoreEvent): Event | undefined {
    return event.type === "layer" && event.layer === this.name ? (event.event as Event) : undefined;
  }
}
