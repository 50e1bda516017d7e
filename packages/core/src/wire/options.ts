import { EMPTY } from "../base/bytes.ts";
import { invariant } from "../base/invariant.ts";
import type { Cipher } from "./cipher.ts";
import { type Crc32, crc32 } from "./crc32.ts";
import type { Keyring } from "./keyring.ts";
import { LABEL_BYTES_MAX, PACKET_BYTES_DEFAULT } from "./limits.ts";
import { type EncryptionVersion, sealOverhead } from "./sealing.ts";

/** The options that packets and streams of one node share (docs/protocol/memberlist.md, section 23). */
export interface WireOptions {
  /** Precedes every packet and stream, in the clear; other labels are refused. Up to 255 bytes. @defaultValue empty */
  readonly label: Uint8Array;
  /** Whether another layer removes the label from input. @defaultValue false */
  readonly skipInboundLabelCheck: boolean;
  /** Whether to compress output; compressed input is always accepted. @defaultValue true */
  readonly compression: boolean;
  /** Shortest message to compress in a packet; the reference compresses all. @defaultValue 300 */
  readonly packetCompressionMinBytes: number;
  /**
   * Shortest message to compress on a stream; the reference compresses all. A message below the default fits the ten
   * segments that TCP sends at once (RFC 6928), so compressing it saves no time. @defaultValue 14000
   */
  readonly streamCompressionMinBytes: number;
  /** The keys of the pool; none, or an empty ring, means no encryption. @defaultValue null */
  readonly keyring: Keyring | null;
  /** Needed with a keyring. @defaultValue null */
  readonly cipher: Cipher | null;
  /** Whether to refuse unencrypted input if there are keys. @defaultValue true */
  readonly verifyIncoming: boolean;
  /** Whether to encrypt output if there are keys. @defaultValue true */
  readonly verifyOutgoing: boolean;
  /** 0 for pools that speak protocol version 1. @defaultValue 1 */
  readonly encryptionVersion: EncryptionVersion;
  /** Size that packets are filled up to, wrappers included. @defaultValue 1400 */
  readonly packetBytes: number;
  /** The CRC-32 to use; the host may have a faster one. @defaultValue our own */
  readonly crc32: Crc32;
}

/** Applies `given` to the defaults. A label that is too long and a keyring without a cipher are bugs of the caller. */
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

/** A keyring that is not empty, and a cipher. */
export interface Secrets {
  readonly keyring: Keyring;
  readonly cipher: Cipher;
}

/** The secrets that open encrypted input; null while there is no key. */
export function secretsOf(options: WireOptions): Secrets | null {
  const { keyring, cipher } = options;
  return keyring?.isEnabled && cipher !== null ? { keyring, cipher } : null;
}

/** Bytes of the label header. */
export function labelOverhead(options: WireOptions): number {
  return options.label.length === 0 ? 0 : 2 + options.label.length;
}

/** Most bytes that encryption adds, if there are keys; the same while outgoing messages are not encrypted. */
export function encryptionOverhead(options: WireOptions): number {
  return options.keyring?.isEnabled ? sealOverhead(options.encryptionVersion) : 0;
}
