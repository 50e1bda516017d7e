import { invariant } from "../../base/invariant.ts";
import { decodeName, nameLength, writeName } from "../../wire/names.ts";
import { hasAt, MAGIC } from "../magic.ts";
import { readU53, writeU53 } from "./integers.ts";
import { BOOT_ID_BYTES, ORIGIN_BYTES_MAX } from "./limits.ts";

/** Kinds: what the body of an envelope is (docs/protocol/hearsay.md, section 2). */
export const CHANNEL_KIND = 1;
export const REQUEST_KIND = 2;
export const REPLY_KIND = 3;

/** The version of the bodies that this package writes and reads. */
export const BODY_VERSION = 1;

/** Everything except the origin's name and the body. */
const FIXED_BYTES = 31;
const ORIGIN_AT = 6;

/** A message with its identity (docs/protocol/hearsay.md, section 1). Byte fields of a decoded one are views. */
export interface Envelope {
  readonly kind: number;
  readonly version: number;
  /** Name of the member that created it, 1 to 255 bytes. */
  readonly origin: string;
  /** Distinguishes the lives of an origin, 8 bytes. */
  readonly bootId: Uint8Array;
  /** From 1 to 2^53 - 1. */
  readonly sequence: number;
  /** The class as encoded in the message, 0 to 255. */
  readonly classByte: number;
  /** By the origin's clock, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  readonly body: Uint8Array;
}

/** Why bytes with the magic of an envelope are not an envelope. */
export type EnvelopeFault = "truncated" | "bad-origin" | "bad-sequence" | "bad-time";

/** The result of `kindOf` for bytes that don't begin with the magic. */
export const NO_ENVELOPE = -1;
/** The result of `kindOf` for bytes that end after the magic. */
export const NO_KIND = -2;

/** The kind of an envelope, 0 to 255, without reading the rest; or `NO_ENVELOPE`, or `NO_KIND`. */
export function kindOf(bytes: Uint8Array): number {
  if (!hasAt(bytes, 0, MAGIC)) return NO_ENVELOPE;
  return bytes[MAGIC.length] ?? NO_KIND;
}

/** Bytes of an envelope without its body. */
export function envelopeOverheadBytes(origin: string): number {
  return FIXED_BYTES + nameLength(origin);
}

/** Encodes an envelope. Fields out of range are the caller's bug. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { origin, bootId, sequence, sentAtMs, body } = envelope;
  const originBytes = nameLength(origin);
  invariant(originBytes > 0 && originBytes <= ORIGIN_BYTES_MAX, "an origin has 1 to 255 bytes");
  invariant(bootId.length === BOOT_ID_BYTES, "a boot id has 8 bytes");
  invariant(Number.isSafeInteger(sequence) && sequence > 0, "sequences are whole and start with 1");
  invariant(Number.isSafeInteger(sentAtMs) && sentAtMs >= 0, "sent-at is whole and not before 1970");
  const bytes = new Uint8Array(FIXED_BYTES + originBytes + body.length);
  bytes.set(MAGIC);
  bytes[3] = envelope.kind;
  bytes[4] = envelope.version;
  bytes[5] = originBytes;
  const at = writeName(origin, bytes, ORIGIN_AT);
  bytes.set(bootId, at);
  writeU53(bytes, at + 8, sequence);
  bytes[at + 16] = envelope.classByte;
  writeU53(bytes, at + 17, sentAtMs);
  bytes.set(body, at + 25);
  return bytes;
}

/** Decodes an envelope of any kind and version. The caller has checked with `kindOf` that the magic is there. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | EnvelopeFault {
  if (bytes.length < FIXED_BYTES) return "truncated";
  const originBytes = bytes[5] ?? 0;
  if (originBytes === 0) return "bad-origin";
  const at = ORIGIN_AT + originBytes;
  if (bytes.length < FIXED_BYTES + originBytes) return "truncated";
  const sequence = readU53(bytes, at + 8);
  if (sequence <= 0) return "bad-sequence";
  const sentAtMs = readU53(bytes, at + 17);
  if (sentAtMs < 0) return "bad-time";
  return {
    kind: bytes[3] ?? 0,
    version: bytes[4] ?? 0,
    origin: decodeName(bytes, ORIGIN_AT, at),
    bootId: bytes.subarray(at, at + BOOT_ID_BYTES),
    sequence,
    classByte: bytes[at + 16] ?? 0,
    sentAtMs,
    body: bytes.subarray(at + 25),
  };
}
