/**
 * Limits on Serf's messages and on the memory that one of them can take. Where the reference has no limit, the comment
 * gives the reason for ours. Messages in datagrams are bounded by the datagram itself.
 */
import { PUSH_PULL_NODES_MAX } from "../../../wire/limits.ts";

/** Encoded tags of a member, which are its metadata (docs/protocol/serf.md, section 4). */
export const TAGS_BYTES_MAX = 512;

/**
 * A tag filter's expression, in UTF-8; a longer one matches nothing. The reference has no limit. The matcher takes time
 * in proportion to the expression and the text, so both must be short.
 */
export const EXPRESSION_BYTES_MAX = 256;

/** Slots of the event ring; a state always contains all of them, mostly empty (section 2). */
export const EVENT_SLOTS = 512;

/** Slots in a received state: other implementations may have larger rings. The reference has no limit. */
export const STATE_SLOTS_MAX = 65_536;

/** Events in all slots of a received state: 128 for each of `EVENT_SLOTS`. The reference has no limit. */
export const STATE_EVENTS_MAX = 65_536;

/** Members with a time, and left members, in a received state: as many as its push/pull may have. */
export const STATE_MEMBERS_MAX: number = PUSH_PULL_NODES_MAX;
