export type { Cipher } from "./cipher.ts";
export { type Crc32, crc32 } from "./crc32.ts";
export { MessageDecoder } from "./decode.ts";
export { encodeMessage, MessageEncoder } from "./encode.ts";
export { FAULT, type FaultReason, isFault, type WireFault } from "./faults.ts";
export { KEYS_MAX, Keyring, KeyringError, type KeyringErrorCode } from "./keyring.ts";
export {
  COMPOUND_PARTS_MAX,
  DATAGRAM_BYTES_MAX,
  LABEL_BYTES_MAX,
  META_BYTES_MAX,
  NAME_BYTES_MAX,
  NESTING_MAX,
  PACKET_BYTES_DEFAULT,
  PACKET_BYTES_MAX,
  PUSH_PULL_NODES_MAX,
  STREAM_DECOMPRESSED_BYTES_MAX,
  STREAM_FRAME_BYTES_MAX,
  STREAM_MESSAGE_BYTES_MAX,
  USER_MESSAGE_BYTES_MAX,
  USER_STATE_BYTES_MAX,
} from "./limits.ts";
export { LzwDecoder, type LzwProgress } from "./lzw-decoder.ts";
export { LzwEncoder } from "./lzw-encoder.ts";
export {
  ACK,
  type Ack,
  ALIVE,
  type Alive,
  COMPOUND,
  COMPRESS,
  DEAD,
  type Dead,
  ENCRYPT,
  ERROR,
  type ErrorAnswer,
  HAS_CRC,
  HAS_LABEL,
  INDIRECT_PING,
  type IndirectPing,
  type Message,
  NACK,
  type Nack,
  type PacketMessage,
  PING,
  type Ping,
  PUSH_PULL,
  type PushPullHeader,
  type PushPullNode,
  STATE_ALIVE,
  STATE_DEAD,
  STATE_LEFT,
  STATE_SUSPECT,
  SUSPECT,
  type Suspect,
  USER,
  type User,
} from "./messages.ts";
export { NameCache } from "./name-cache.ts";
export { decodeName, encodeName } from "./names.ts";
export { type WireOptions, wireOptions } from "./options.ts";
export { PacketCodec, type PacketSink } from "./packets.ts";
export { decodeStreamUser, PushPullReader } from "./push-pull.ts";
export { PushPullWriter } from "./push-pull-writer.ts";
export { type EncryptionVersion, openSealed, seal, sealedLength } from "./sealing.ts";
export { type Hold, StreamDecoder, type StreamProgress, type StreamSide } from "./stream-decoder.ts";
export { StreamWrap } from "./stream-wrap.ts";
export { StreamCodec } from "./streams.ts";
export type { SignedStyle } from "./writer.ts";
