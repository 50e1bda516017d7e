import type { Address } from "../base/address.ts";
import type { Call, Done } from "../call/call.ts";
import type { Cause, ChangeKind, MemberView } from "../call/events.ts";
import type { Slot } from "./member-table.ts";

/**
 * What news of a member is about. Failures are what the detector says, and what refutes it; a goodbye is none. Confirmations
 * are further accusations, worth telling, but not worth a packet of their own.
 */
export type Topic = "failure" | "confirmation" | "departure" | "join";

/** What a change of membership sets off. The merge decides; others spread the news, and tell the application. */
export interface MembershipSink {
  /** Tells the others: `bytes` is a whole message about the member `subject`. */
  broadcast(call: Call, topic: Topic, subject: string, bytes: Uint8Array, onDone?: Done | null): void;
  /** The message in hand is one that this node has heard before. */
  heardAgain(call: Call, subject: string): void;
  /** A member's status or record changed. */
  changed(call: Call, kind: ChangeKind, slot: Slot, previous: MemberView | null, cause: Cause): void;
  /** A member appeared or changed its address or status: choices that depend on them must be made anew. */
  moved(slot: Slot): void;
  /** A node tells of itself as if it had not heard of its own death. */
  returnAccusation(call: Call, slot: Slot, to: Address): void;
  /** Two nodes claim one name. */
  conflicted(call: Call, slot: Slot, other: Address): void;
  /** This node was accused and answered, or cannot answer because its incarnation is at the end. */
  refuted(call: Call, accuser: string, incarnation: number | null): void;
}
