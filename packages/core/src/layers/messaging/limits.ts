/** Limits on messages and on what a receiver remembers (docs/protocol/hearsay.md, sections 6 and 7). */

/** Length of an origin's name in bytes: the wire has one byte for it. */
export const ORIGIN_BYTES_MAX = 255;

/** Length of a channel's or handler's name in bytes. */
export const TOPIC_BYTES_MAX = 255;

/** Length of a boot ID in bytes. */
export const BOOT_ID_BYTES = 8;

/** Size of the window of sequence numbers per origin and boot ID, down from the highest heard. A power of two. */
export const SEEN_WINDOW_MAX = 4096;

/** Pairs of origin and boot ID that are remembered. */
export const SEEN_ORIGINS_MAX = 8192;

/** Least time that an origin is remembered after it was last heard, in milliseconds. */
export const SEEN_ORIGIN_MS_MIN = 60_000;

/** Payload of a request or a reply, in bytes. Both must fit a stream message of 20 MiB with room to spare. */
export const UNICAST_PAYLOAD_BYTES_MAX: number = 8 * 1024 * 1024;

/** Text of a reply that explains why a handler failed, in bytes. */
export const FAILURE_TEXT_BYTES_MAX = 1024;
