import { APPLICATION, BULK, URGENT } from "@hearsay/core";
import type { MessageClass } from "@hearsay/core/messaging";

/**
 * The urgency of a message. "now" and "normal" are sent at once, "now" first in each packet; "bulk" waits for the
 * gossip ticks and uses the remaining room.
 */
export type Urgency = "now" | "normal" | "bulk";

export const URGENCIES = ["now", "normal", "bulk"] as const;

/** The rumor class of each urgency. */
export const URGENCY_CLASSES: Readonly<Record<Urgency, MessageClass>> = {
  now: URGENT,
  normal: APPLICATION,
  bulk: BULK,
};
