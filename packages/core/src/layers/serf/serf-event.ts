import type { Address } from "../../base/address.ts";
import type { ClockJump } from "./lamport-clock.ts";
import type { LTime } from "./wire/ltime.ts";

/** A user event was heard, or fired by this node itself (docs/protocol/serf.md, section 10). */
export interface UserEventHeard {
  readonly type: "user-event";
  readonly lTime: LTime;
  readonly name: string;
  /** Borrowed. */
  readonly payload: Uint8Array;
  /** Whether later events of the name make this one pointless. Lost for events that a push/pull brings. */
  readonly coalesce: boolean;
}

/** A query asks this node (section 11.2). `Serf.respond` takes the handle. */
export interface QueryHeard {
  readonly type: "query";
  readonly handle: number;
  readonly lTime: LTime;
  readonly name: string;
  /** Borrowed. */
  readonly payload: Uint8Array;
  /** Who asks. */
  readonly from: string;
  /** Until when it can be answered, on the host's monotonic clock. */
  readonly deadlineMs: number;
}

/** A member has got a query of ours; each member once. */
export interface QueryAcked {
  readonly type: "query-acked";
  /** What `Serf.query` returned. */
  readonly query: number;
  readonly from: string;
}

/** A member answers a query of ours; each member once. */
export interface QueryAnswered {
  readonly type: "query-answered";
  readonly query: number;
  readonly from: string;
  /** Borrowed. */
  readonly payload: Uint8Array;
}

/** The time of a query of ours is over, or it was ended. */
export interface QueryFinished {
  readonly type: "query-finished";
  readonly query: number;
}

/** What a key query wants done with the key that it names. */
export type KeyOperation = "install" | "use" | "remove" | "list";

/** The pool's keys are to be changed or listed on this node (section 12.2). `Serf.respondToKeyQuery` takes the handle. */
export interface KeyQueryHeard {
  readonly type: "key-query";
  readonly handle: number;
  readonly operation: KeyOperation;
  /** The raw key; empty for `list`. In memory of its own. */
  readonly key: Uint8Array;
}

/** Conditions that call for the operator. */
export interface SerfNotice {
  readonly type: "notice";
  readonly notice:
    | ClockJump
    /** Of the members that answered, most know this node's name from another address: it should end. */
    | { readonly kind: "outvoted"; readonly address: Address; readonly answers: number; readonly matching: number }
    /** The expressions in the tag filters of a member's query would have cost too much; the query was taken not to match. */
    | { readonly kind: "costly-filter"; readonly from: string };
}

/** What Serf tells the application: `Serf.eventOf` finds it in an event of the core. */
export type SerfEvent =
  | UserEventHeard
  | QueryHeard
  | QueryAcked
  | QueryAnswered
  | QueryFinished
  | KeyQueryHeard
  | SerfNotice;
