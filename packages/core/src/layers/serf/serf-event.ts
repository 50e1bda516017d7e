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
  /** Whether a later event of the same name replaces this one. False for all events from a push/pull. */
  readonly coalesce: boolean;
}

/** A query for this node (section 11.2). `Serf.respond` takes the handle. */
export interface QueryHeard {
  readonly type: "query";
  readonly handle: number;
  readonly lTime: LTime;
  readonly name: string;
  /** Borrowed. */
  readonly payload: Uint8Array;
  /** The member that asks. */
  readonly from: string;
  /** When the time to answer ends, on the host's monotonic clock. */
  readonly deadlineMs: number;
}

/** A member has received a query of ours; reported once for each member. */
export interface QueryAcked {
  readonly type: "query-acked";
  /** What `Serf.query` returned. */
  readonly query: number;
  readonly from: string;
}

/** A member's answer to a query of ours; reported once for each member. */
export interface QueryAnswered {
  readonly type: "query-answered";
  readonly query: number;
  readonly from: string;
  /** Borrowed. */
  readonly payload: Uint8Array;
}

/** A query of ours has timed out or was ended. */
export interface QueryFinished {
  readonly type: "query-finished";
  readonly query: number;
}

/** The operation that a key query requests. */
export type KeyOperation = "install" | "use" | "remove" | "list";

/**
 * A request to change or list the pool's keys on this node (section 12.2). `Serf.respondToKeyQuery` takes the handle.
 */
export interface KeyQueryHeard {
  readonly type: "key-query";
  readonly handle: number;
  readonly operation: KeyOperation;
  /** The raw key, copied; empty for `list`. */
  readonly key: Uint8Array;
}

/** Conditions that need an operator. */
export interface SerfNotice {
  readonly type: "notice";
  readonly notice:
    | ClockJump
    /** No majority of the members that answered lists this node's name at its address: this node should end. */
    | { readonly kind: "outvoted"; readonly address: Address; readonly answers: number; readonly matching: number }
    /** The expressions in a query's tag filters would have cost too much; the query was treated as not matching. */
    | { readonly kind: "costly-filter"; readonly from: string };
}

/** Serf's events for the application: `Serf.eventOf` extracts them from an event of the core. */
export type SerfEvent =
  | UserEventHeard
  | QueryHeard
  | QueryAcked
  | QueryAnswered
  | QueryFinished
  | KeyQueryHeard
  | SerfNotice;
