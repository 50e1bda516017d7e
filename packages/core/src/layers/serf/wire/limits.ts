/**
 * What Serf's messages may be and what one of them can make us hold, at most. Where the reference has no limit, ours is
 * named here with its reason. What a datagram carries is bounded by the datagram itself.
 */
import { PUSH_PULL_NODES_MAX } from "../../../wire/limits.ts";

/** Encoded tags of a member, as much as its metadata may be (docs/protocol/serf.md, section 4). */
export const TAGS_BYTES_MAX = 512;

/**
 * A tag filter's expression, in UTF-8; a longer one matches nothing. The reference has no limit. The matcher takes time
 * in proportion to the expression and the text, so both have to be short.
 */
export const EXPRESSION_BYTES_MAX = 256;

/** Slots of the ring of events, which a state has always all of, mostly empty (section 2). */
export const EVENT_SLOTS = 512;

/** Slots in a state that is read: other implementations may have larger rings. The reference has no limit. */
export const STATE_SLOTS_MAX = 65_536;

/** Events in a state that is read, in all its slots together: 128 for each slot of a ring. The reference has no limit. */
export const STATE_EVENTS_MAX = 65_536;

/** Members with a time, and members that left, in a state that is read: as many as its push/pull may have. */
export const STATE_MEMBERS_MAX: number = PUSH_PULL_NODES_MAX;
