/** What a message may be and what a receiver remembers, at most (docs/protocol/hearsay.md, sections 6 and 7). */

/** Length of an origin's name in bytes: its length is one byte. */
export const ORIGIN_BYTES_MAX = 255;

/** Length of the name of a channel or a handler in bytes. */
export const TOPIC_BYTES_MAX = 255;

/** Length of a boot id. */
export const BOOT_ID_BYTES = 8;

/** Numbers of one origin and boot id that are told apart, counted down from the highest heard. A power of two. */
export const SEEN_WINDOW_MAX = 4096;

/** Pairs of origin and boot id that are remembered. */
export const SEEN_ORIGINS_MAX = 8192;

/** How long an origin is remembered for certain after it was last heard, in milliseconds. */
export const SEEN_ORIGIN_MS_MIN = 60_000;

/** Payload of a request or a reply, in bytes. Both must fit a stream message of 20 MiB with room to spare. */
export const UNICAST_PAYLOAD_BYTES_MAX: number = 8 * 1024 * 1024;

/** Text of a reply that says why a handler failed, in bytes. */
export const FAILURE_TEXT_BYTES_MAX = 1024;
