/**
 * Limits on what one peer can make us hold or do (docs/protocol/memberlist.md, section 24). Where the reference has no
 * limit, the comment says so.
 */

/** Bytes that all compressed parts of one datagram may unpack to. The reference allows 40 MiB for each part. */
export const PACKET_BYTES_MAX = 65_535;

/** Largest payload of a UDP datagram over IPv4. */
export const DATAGRAM_BYTES_MAX = 65_507;

/** Target size of packets, the default of `WireOptions.packetBytes`. It fits the MTU of most networks. */
export const PACKET_BYTES_DEFAULT = 1400;

/** Messages in one compound; the count field is one byte. */
export const COMPOUND_PARTS_MAX = 255;

/** Compounds and compressed messages around one message. The reference sets no limit; it never nests more than two. */
export const NESTING_MAX = 4;

/** Bytes of a label; the length field is one byte. */
export const LABEL_BYTES_MAX = 255;

/** Bytes of a member's metadata. */
export const META_BYTES_MAX = 512;

/** Bytes of a member's name that this node accepts. The reference has no limit; host names have at most 253. */
export const NAME_BYTES_MAX = 255;

/** Bytes of an encrypted frame on a stream: version, nonce, ciphertext and tag. */
export const STREAM_FRAME_BYTES_MAX = 20_971_520;

/** Bytes that a compressed message on a stream may unpack to. */
export const STREAM_DECOMPRESSED_BYTES_MAX = 41_943_040;

/** Bytes of a plain message on a stream. The reference has no limit here; ours is that of decompressed messages. */
export const STREAM_MESSAGE_BYTES_MAX = 41_943_040;

/** Members in one push/pull. */
export const PUSH_PULL_NODES_MAX = 1_048_576;

/** Bytes of the application's part of a push/pull. */
export const USER_STATE_BYTES_MAX = 20_971_520;

/** Bytes of the application's message on a stream. */
export const USER_MESSAGE_BYTES_MAX = 20_971_520;

/** Longest name that a `NameCache` keeps; longer ones are decoded each time. */
export const CACHED_NAME_BYTES_MAX = 64;

/** Slots a `NameCache` may grow to: about 1 MiB of short names. */
export const CACHED_NAMES_MAX = 16_384;
