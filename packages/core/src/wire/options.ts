import { EMPTY } from "../base/bytes.ts";
import { invariant } from "../base/invariant.ts";
import type { Cipher } from "./cipher.ts";
import { type Crc32, crc32 } from "./crc32.ts";
import type { Keyring } from "./keyring.ts";
import { LABEL_BYTES_MAX, PACKET_BYTES_DEFAULT } from "./limits.ts";
import { type EncryptionVersion, sealOverhead } from "./sealing.ts";

/** What packets and streams of one node have in common (docs/protocol/memberlist.md, section 23). */
export interface WireOptions {
  /** Goes before every packet and every stream, in clear; others' are refused. Up to 255 bytes. @defaultValue empty */
  readonly label: Uint8Array;
  /** Whether another layer has already taken the label off what comes in. @defaultValue false */
  readonly skipInboundLabelCheck: boolean;
  /** Whether to compress what goes out; compressed input is always understood. @defaultValue true */
  readonly compression: boolean;
  /** Shortest message that a packet compresses; the reference would say 0. @defaultValue 300 */
  readonly packetCompressionMinBytes: number;
  /**
   * Shortest message that a stream compresses; the reference would say 0. A shorter one than the default goes out in the
   * ten segments that TCP sends at once (RFC 6928), so compressing it saves no time. @defaultValue 14000
   */
  readonly streamCompressionMinBytes: number;
  /** The keys of the pool; none, or an empty ring, means no encryption. @defaultValue null */
  readonly keyring: Keyring | null;
  /** Needed with a keyring. @defaultValue null */
  readonly cipher: Cipher | null;
  /** Whether to refuse what comes in the clear although there are keys. @defaultValue true */
  readonly verifyIncoming: boolean;
  /** Whether to encrypt what goes out if there are keys. @defaultValue true */
  readonly verifyOutgoing: boolean;
  /** 0 for pools that speak protocol version 1. @defaultValue 1 */
  readonly encryptionVersion: EncryptionVersion;
  /** Size that packets are filled up to, wrappers included. @defaultValue 1400 */
  readonly packetBytes: number;
  /** Checksum of zlib; the host may have a faster one. @defaultValue our own */
  readonly crc32: Crc32;
}

/** Lays `given` over the defaults. A label that is too long and a keyring without a cipher are bugs of the caller. */
export function wireOptions(given: Partial<WireOptions> = {}): WireOptions {
  const options: WireOptions = {
    label: given.label ?? EMPTY,
    skipInboundLabelCheck: given.skipInboundLabelCheck ?? false,
    compression: given.compression ?? true,
    packetCompressionMinBytes: given.packetCompressionMinBytes ?? 300,
    streamCompressionMinBytes: given.streamCompressionMinBytes ?? 14_000,
    keyring: given.keyring ?? null,
    cipher: given.cipher ?? null,
    verifyIncoming: given.verifyIncoming ?? true,
    verifyOutgoing: given.verifyOutgoing ?? true,
    encryptionVersion: given.encryptionVersion ?? 1,
    packetBytes: given.packetBytes ?? PACKET_BYTES_DEFAULT,
    crc32: given.crc32 ?? crc32,
  };
  invariant(options.label.length <= LABEL_BYTES_MAX, "a label has at most 255 bytes");
  invariant(options.keyring === null || options.cipher !== null, "a keyring needs a cipher");
  return Object.freeze(options);
}

/** Keyring and cipher, once there are both and the ring is not empty. */
export interface Secrets {
  readonly keyring: Keyring;
  readonly cipher: Cipher;
}

/** What opens encrypted input; null while there is no key. */
export function secretsOf(options: WireOptions): Secrets | null {
  const { keyring, cipher } = options;
  return keyring?.isEnabled && cipher !== null ? { keyring, cipher } : null;
}

/** Bytes of the label header. */
export function labelOverhead(options: WireOptions): number {
  return options.label.length === 0 ? 0 : 2 + options.label.length;
}

/** Bytes that encryption adds at most, if there are keys at all, even while outgoing messages go in the clear. */
export function encryptionOverhead(options: WireOptions): number {
  return options.keyring?.isEnabled ? sealOverhead(options.encryptionVersion) : 0;
}
