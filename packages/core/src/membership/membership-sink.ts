import type { Address } from "../base/address.ts";
import type { Call, Done } from "../call/call.ts";
import type { Cause, ChangeKind, MemberView } from "../call/events.ts";
import type { Slot } from "./member-table.ts";

/**
 * The topic of news about a member. Failures are accusations, deaths and what refutes them; a departure is not a
 * failure. Confirmations are further accusations, which are passed on, but not in packets of their own.
 */
export type Topic = "failure" | "confirmation" | "departure" | "join";

/** Receives the effects of the merge's decisions: it spreads the news and tells the application. */
export interface MembershipSink {
  /** Spreads news: `bytes` is a whole message about the member `subject`. */
  broadcast(call: Call, topic: Topic, subject: string, bytes: Uint8Array, onDone?: Done | null): void;
  /** The current message is one that this node has heard before. */
  heardAgain(call: Call, subject: string): void;
  /** A member's status or record changed. */
  changed(call: Call, kind: ChangeKind, slot: Slot, previous: MemberView | null, cause: Cause): void;
  /** A member appeared, or its address or status changed: choices that depend on them must be made again. */
  moved(slot: Slot): void;
  /** News says that a failed or left member is alive; the member may not know that it must refute. */
  returnAccusation(call: Call, slot: Slot, to: Address): void;
  /** Two nodes claim one name. */
  conflicted(call: Call, slot: Slot, other: Address): void;
  /** This node refuted an accusation with `incarnation`, which is null if no higher incarnation is left. */
  refuted(call: Call, accuser: string, incarnation: number | null): void;
}
